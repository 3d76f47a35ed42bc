"""Subscribes to the intrinsics and mounts of the observed cameras, and warns of another lens or a moved camera."""

import time
from functools import partial

from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import CameraInfo

from zprl.checkpoints.metadata import read_cameras
from zprl_core.errors import quoted
from zprl_core.frame_tree import FrameError
from zprl_core.ros.camera_info import camera_from
from zprl_core.streams.stream_buffer import StreamBuffer
from zprl_core.topic_names import camera_info_of
from zprl_policy.camera_check import CameraCheck, Sighting
from zprl_policy.ros.tf_listener import TfListener

NEWEST = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)


class CameraInputs:
    """Keeps the newest camera_info of each camera that the base knows, unread until `look` compares it."""

    def __init__(self, node: Node, base: str, streams: StreamBuffer, limit_px: float):
        """`base`: its folder. Raises CheckpointError when the cameras in it are damaged."""
        self._node, self._streams = node, streams
        known, images = read_cameras(base), streams.spec.images
        if unknown := ", ".join(stream.name for stream in images if stream.name not in known):
            node.get_logger().info(
                f"the base does not know intrinsics and mount of {unknown}, so another lens or a moved camera is not "
                "noticed; a base that is pretrained with this version knows them"
            )
        self.check = CameraCheck({s.name: known[s.name] for s in images if s.name in known}, limit_px)
        self._topics = {name: camera_info_of(streams.spec[name].topic) for name in self.check.expected}
        self._newest: dict[str, bytes] = {}
        self._tf = TfListener(node)  # without /tf: a camera keeps its place in the frame that the base knows
        for name, info in self._topics.items():
            node.create_subscription(CameraInfo, info, partial(self._newest.__setitem__, name), NEWEST, raw=True)
        if self._topics:
            self._tf.listen_static()

    def look(self) -> None:
        """Compares every camera, and logs what has changed."""
        for name in self._topics:
            has_images = self._streams.rate_hz(name) > 0.0
            if said := self.check.look(name, self._sighting(name), has_images, time.monotonic()):
                self._node.get_logger().warning(said)

    def _sighting(self, name: str) -> Sighting:
        newest = self._newest.get(name)
        if newest is None:
            return Sighting(fault=f"{self._topics[name]} has no messages; publish it beside the images")
        info = deserialize_message(newest, CameraInfo)
        try:
            lens = camera_from(info)
        except ValueError as error:
            return Sighting(fault=quoted(error))
        frame, optical = self.check.expected[name].frame, info.header.frame_id[:100]
        if not frame:
            return Sighting(lens)
        try:
            pose, _ = self._tf.tree.lookup(frame, optical)
        except FrameError as error:
            return Sighting(lens, pose_fault=f"where it is mounted ({optical!r} in {frame!r}) is unknown: {error}")
        return Sighting(lens, pose=pose)
