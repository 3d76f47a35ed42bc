"""Forwards the serialized messages of one topic while it has viewers."""

import importlib
import time
from collections.abc import Callable

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription

from zprl_view.foxglove.rate_limit import IMAGES, RateLimit

DEPTH = 100  # latched messages of all publishers, such as /tf_static
IMAGE_DEPTH = 2


def message_class(kind: str) -> type:
    """Returns the class of a message type such as std_msgs/msg/String. Raises ValueError when it is not installed."""
    package, folder, name = kind.split("/")
    try:
        found: type = getattr(importlib.import_module(f"{package}.{folder}"), name)
    except (ImportError, AttributeError):
        raise ValueError(f"{kind} is not installed; install {package}, or source its workspace") from None
    return found


class TopicRelay:
    """Subscribes between `start` and `stop`, best effort, so that no publisher waits for it."""

    def __init__(self, node: Node, topic: str, kind: str, rate: float, forward: Callable[[str, bytes], None]):
        """`rate`: the most messages that are forwarded in a second. Raises ValueError as `message_class`."""
        self._node, self._topic, self._kind, self._class = node, topic, kind, message_class(kind)
        self._limit, self._forward = RateLimit(rate), forward
        self._subscription: Subscription | None = None
        self._latched = False

    @property
    def running(self) -> bool:
        """True between `start` and `stop`."""
        return self._subscription is not None

    def start(self) -> None:
        """Subscribes. A latched topic is subscribed to again, so that a further viewer gets its messages too."""
        if self.running and not self._latched:
            return
        self.stop()
        publishers = self._node.get_publishers_info_by_topic(self._topic)
        profiles = [publisher.qos_profile for publisher in publishers]
        self._latched = bool(profiles) and all(p.durability == DurabilityPolicy.TRANSIENT_LOCAL for p in profiles)
        self._subscription = self._node.create_subscription(
            self._class, self._topic, self._on_message, self._qos(), raw=True
        )

    def stop(self) -> None:
        """Unsubscribes."""
        if self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
            self._subscription = None

    def _qos(self) -> QoSProfile:
        if self._latched:  # which only reliable subscribers get
            return QoSProfile(depth=DEPTH, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        depth = IMAGE_DEPTH if self._kind in IMAGES else DEPTH
        return QoSProfile(depth=depth, reliability=ReliabilityPolicy.BEST_EFFORT)

    def _on_message(self, data: bytes) -> None:
        if self._limit.admits(time.monotonic()):
            self._forward(self._topic, data)
