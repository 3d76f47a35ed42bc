"""Publishes a camera's images as JPEG at a low rate, for viewers on other machines."""

import time

from rclpy.node import Node
from sensor_msgs.msg import Image

from zprl_core.bags.bag_images import BagImages
from zprl_core.ros import topics
from zprl_core.ros.compressed_images import compressed
from zprl_core.ros.qos import NEWEST


class ImageRelay:
    """Subscribes to the raw images only while its own have a subscriber."""

    def __init__(self, node: Node, camera: str, rate: float, quality: int):
        """`camera`: as in left/wrist, for one that belongs to an arm."""
        self._node, self._period_s, self._quality = node, 1.0 / rate, quality
        self._arm, _, self._name = camera.rpartition("/")
        self._small = topics.VIEW_IMAGE.of(self._name).under(self._arm).publisher(node)
        self._next_s, self._raw = 0.0, None
        node.create_timer(0.5, self._look)

    def _look(self) -> None:
        heard = self._small.get_subscription_count() > 0
        if heard and self._raw is None:
            self._raw = topics.COLOR_IMAGE.of(self._name).under(self._arm).subscribe(self._node, self._on_image, NEWEST)
        elif not heard and self._raw is not None:
            self._node.destroy_subscription(self._raw)
            self._raw = None

    def _on_image(self, image: Image) -> None:
        now_s = time.monotonic()
        if now_s < self._next_s:
            return
        self._next_s = now_s + self._period_s
        try:
            small = compressed(image, BagImages.JPEG, self._quality)
        except ValueError as error:
            self._node.get_logger().warning(f"camera {self._name}: {error}", throttle_duration_sec=10.0)
            return
        if small is not None:
            self._small.publish(small)
