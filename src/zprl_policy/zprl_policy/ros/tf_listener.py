"""Subscribes to tf when transforms are first needed."""

import time
from functools import partial

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from tf2_msgs.msg import TFMessage

from zprl_core.frame_tree import FrameTree
from zprl_core.geometry import matrix_from
from zprl_core.ros import topics
from zprl_core.ros.conversions import ns_from

NEWEST = QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT)  # receives from reliable publishers too
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
        received_s = time.monotonic()
        for t in message.transforms:
            p, q = t.transform.translation, t.transform.rotation
            try:
                matrix = matrix_from((p.x, p.y, p.z), (q.x, q.y, q.z, q.w))
            except ValueError as error:
                self._node.get_logger().warning(
                    f"the transform of {t.child_frame_id[:100]!r} on tf is refused: {error}", throttle_duration_sec=5.0
                )
                continue
            stamp_ns = ns_from(t.header.stamp)
            self.tree.update(t.header.frame_id, t.child_frame_id, matrix, received_s, static, stamp_ns)
