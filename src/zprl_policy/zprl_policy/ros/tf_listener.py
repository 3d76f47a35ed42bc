"""Subscribes to tf when transforms are first needed."""

import time
from functools import partial

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from tf2_msgs.msg import TFMessage

from zprl_core.frame_tree import FrameTree
from zprl_core.ros import topics
from zprl_core.ros.qos import NEWEST
from zprl_core.ros.transforms import take_transforms

LATCHED = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)  # for many publishers


class TfListener:
    """Keeps the transforms of /tf_static and, once `listen_moving` is called, of /tf."""

    def __init__(self, node: Node, history_s: float = 0.0):
        """`history_s`: how long transforms of /tf are kept."""
        self.tree = FrameTree(history_s)
        self._node, self._static, self._moving = node, False, False

    def listen_static(self) -> None:
        """Subscribes to /tf_static, unless it is."""
        if not self._static:
            self._static = True
            topics.TF_STATIC.subscribe(self._node, partial(self._on_transforms, True), LATCHED)

    def listen_moving(self) -> None:
        """Subscribes to /tf and /tf_static, unless it is."""
        self.listen_static()
        if not self._moving:
            self._moving = True
            topics.TF.subscribe(self._node, partial(self._on_transforms, False), NEWEST)

    def _on_transforms(self, static: bool, message: TFMessage) -> None:
        for why in take_transforms(self.tree, message, time.monotonic(), static):
            self._node.get_logger().warning(why, throttle_duration_sec=5.0)
