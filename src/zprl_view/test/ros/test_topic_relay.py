"""A relay that hears nothing of a topic with a publisher subscribes again, ever later."""

from collections.abc import Callable
from typing import Any, cast

import pytest

pytest.importorskip("rclpy")

from rclpy.node import Node

from zprl_view.ros import topic_relay
from zprl_view.ros.topic_relay import SILENT_S, TopicRelay

pytestmark = pytest.mark.ros


class Graph:
    """As far as TopicRelay uses a node."""

    def __init__(self) -> None:
        self.publishers, self.callbacks = 1, []

    def count_publishers(self, topic: str) -> int:
        return self.publishers

    def get_publishers_info_by_topic(self, topic: str) -> list[Any]:
        return []

    def create_subscription(self, kind: type, topic: str, callback: Callable[[bytes], None], *_: Any, **__: Any) -> int:
        self.callbacks.append(callback)
        return len(self.callbacks)

    def destroy_subscription(self, subscription: int) -> None:
        """Needs nothing."""


def relay(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> TopicRelay:
    monkeypatch.setattr(topic_relay.time, "monotonic", lambda: 0.0)
    made = TopicRelay(cast(Node, graph), "/state", "std_msgs/msg/String", float("inf"), lambda topic, data: None)
    made.start()
    return made


def test_a_silent_one_subscribes_again_ever_later(monkeypatch: pytest.MonkeyPatch) -> None:
    made = relay(graph := Graph(), monkeypatch)
    made.look(SILENT_S - 0.1)
    assert len(graph.callbacks) == 1
    made.look(SILENT_S + 0.1)
    assert len(graph.callbacks) == 2
    made.look(SILENT_S + 0.2)  # now it waits twice as long
    made.look(2 * SILENT_S + 0.1)
    assert len(graph.callbacks) == 3


def test_one_that_hears_or_has_no_publisher_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    made = relay(graph := Graph(), monkeypatch)
    graph.publishers = 0
    made.look(100.0)
    graph.publishers = 1
    graph.callbacks[0](b"")
    made.look(200.0)
    assert len(graph.callbacks) == 1
