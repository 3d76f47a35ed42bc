"""Finds the topics to record, and describes them as a bag does."""

import importlib
from typing import Any

from rclpy.exceptions import NameValidationException
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.validate_topic_name import validate_topic_name

from zprl_core.bags.bag_topic import BagQos, BagTopic
from zprl_core.bags.message_definition import definition, type_hash
from zprl_core.errors import quoted

DEPTH = 1000  # messages that may wait for the node


class TopicFinder:
    """Finds each of the wanted topics once it has a publisher."""

    def __init__(self, node: Node, wanted: tuple[str, ...], optional: tuple[str, ...] = ()):
        """Raises ValueError for a name that no topic can have."""
        names = dict.fromkeys((*wanted, *optional))
        try:
            for name in names:
                validate_topic_name(name)
        except NameValidationException as error:
            raise ValueError(f"topics cannot be recorded: {quoted(error)}") from None
        self.wanted = tuple(map(node.resolve_topic_name, wanted))  # full names of those that an episode needs
        self._node, self._open = node, list(dict.fromkeys(map(node.resolve_topic_name, names)))

    def found(self) -> list[tuple[BagTopic, type, QoSProfile]]:
        """Returns the topics found since the last call, each with its message class and the QoS to subscribe with.

        Raises ValueError for a topic whose type is not installed here; it is not looked for any more.
        """
        news = []
        for name in list(self._open):
            publishers = self._node.get_publishers_info_by_topic(name)
            if not publishers:
                continue
            self._open.remove(name)
            kind = publishers[0].topic_type
            profiles = [publisher.qos_profile for publisher in publishers]
            topic = BagTopic(name, kind, definition(kind), type_hash(kind), tuple(map(_described, profiles)))
            news.append((topic, _message_class(kind), _matching(profiles)))
        return news


def is_latched(qos: QoSProfile) -> bool:
    """True if the publishers repeat their last message for late subscribers."""
    return bool(qos.durability == DurabilityPolicy.TRANSIENT_LOCAL)


def _message_class(kind: str) -> type:
    package, folder, name = kind.split("/")
    try:
        found: type = getattr(importlib.import_module(f"{package}.{folder}"), name)
    except (ImportError, AttributeError):
        raise ValueError(
            f"messages of type {kind} are not installed; install {package}, or source its workspace"
        ) from None
    return found


def _matching(offered: list[QoSProfile]) -> QoSProfile:
    """The strictest QoS that all of the publishers satisfy."""
    reliable = all(qos.reliability == ReliabilityPolicy.RELIABLE for qos in offered)
    latched = all(is_latched(qos) for qos in offered)
    return QoSProfile(
        depth=DEPTH,
        reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE,
    )


def _described(qos: QoSProfile) -> BagQos:
    return BagQos(
        qos.depth,
        qos.history.name.lower(),
        qos.reliability.name.lower(),
        qos.durability.name.lower(),
        _seconds(qos.deadline),
        _seconds(qos.lifespan),
        qos.liveliness.name.lower(),
        _seconds(qos.liveliness_lease_duration),
    )


def _seconds(duration: Any) -> tuple[int, int]:
    sec, nsec = divmod(int(duration.nanoseconds), 1_000_000_000)
    return sec, nsec
