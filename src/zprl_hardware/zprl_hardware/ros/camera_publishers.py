"""The publishers of the camera node. Topics and frames have the names of realsense-ros."""

from typing import Any

from rclpy.lifecycle import LifecycleNode
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from tf2_msgs.msg import TFMessage

from zprl_core.ros import topics
from zprl_core.ros.interfaces import Topic
from zprl_hardware.cameras.calibration_file import Calibration
from zprl_hardware.cameras.camera import CameraSettings, Depth, Frame, Intrinsics, Optics
from zprl_hardware.ros.camera_messages import (
    color_message,
    depth_message,
    info_message,
    jpeg_message,
    make_header,
    png_message,
    transform_message,
)


class Publishers:
    """The publishers of one camera."""

    def __init__(self, node: LifecycleNode, settings: CameraSettings, calibration: Calibration | None):
        self.node, self.settings, self.calibration = node, settings, calibration
        self.optics = Optics()
        self.color_frame = f"{settings.name}_color_optical_frame"
        self.depth_frame = f"{settings.name}_depth_optical_frame"
        self._tf = topics.TF_STATIC.publisher(node)
        self._color = self._stream(topics.COLOR_IMAGE, topics.COLOR_COMPRESSED, topics.COLOR_INFO)
        if settings.depth:
            self._depth = self._stream(topics.DEPTH_IMAGE, topics.DEPTH_COMPRESSED, topics.DEPTH_INFO)
            self._aligned = self._stream(topics.ALIGNED_IMAGE, topics.ALIGNED_COMPRESSED, topics.ALIGNED_INFO)

    def learn(self, optics: Optics) -> None:
        """Publish optics and mount after the camera was opened. The calibration file takes precedence."""
        known = self.calibration.intrinsics if self.calibration else None
        self.optics = Optics(known or optics.color, optics.depth, optics.depth_in_color)
        self._publish_transforms()

    def publish(self, frame: Frame) -> None:
        """Publish one frame on all its topics, with one stamp."""
        header = make_header(self.color_frame, frame.stamp_ns)
        raw, packed, info = self._color
        raw.publish(color_message(frame.color, header))
        if packed is not None and packed.get_subscription_count():
            packed.publish(jpeg_message(frame.color, self.settings.jpeg_quality, header))
        self._publish_info(info, self.optics.color, frame.color.shape, header)
        if frame.depth is not None:
            depth_header = make_header(self.depth_frame, frame.stamp_ns)
            self._publish_depth(self._depth, frame.depth, self.optics.depth, depth_header)
        if frame.aligned is not None:
            self._publish_depth(self._aligned, frame.aligned, self.optics.color, header)

    def _publish_depth(self, stream: Any, depth: Depth, intrinsics: Intrinsics | None, header: Any) -> None:
        raw, packed, info = stream
        raw.publish(depth_message(depth, header))
        if packed is not None and packed.get_subscription_count():
            packed.publish(png_message(depth, header))
        self._publish_info(info, intrinsics, depth.shape, header)

    def _publish_info(self, publisher: Any, intrinsics: Intrinsics | None, shape: Any, header: Any) -> None:
        publisher.publish(info_message(intrinsics, (shape[1], shape[0]), header))

    def _publish_transforms(self) -> None:
        stamp_ns = self.node.get_clock().now().nanoseconds
        mount = self.calibration.mount if self.calibration else None
        transforms = []
        if mount is not None:
            transforms.append(transform_message(self.color_frame, mount.matrix, make_header(mount.parent, stamp_ns)))
        if self.optics.depth_in_color is not None:
            header = make_header(self.color_frame, stamp_ns)
            transforms.append(transform_message(self.depth_frame, self.optics.depth_in_color, header))
        if transforms:
            self._tf.publish(TFMessage(transforms=transforms))

    def _stream(
        self, raw: Topic[Image], packed: Topic[CompressedImage], info: Topic[CameraInfo]
    ) -> tuple[Any, Any, Any]:
        """Create publishers of the images, the compressed images (or None) and the camera info."""

        def make(topic: Topic[Any]) -> Any:
            return topic.of(self.settings.name).lifecycle_publisher(self.node)

        return make(raw), make(packed) if self.settings.compressed else None, make(info)
