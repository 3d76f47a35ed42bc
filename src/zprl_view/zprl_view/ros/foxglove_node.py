"""The Foxglove node: a WebSocket server that shows the topics of a graph, for machines without foxglove_bridge.

It forwards serialized messages as they are, and subscribes only to topics that a viewer has chosen. It is read-only: it
offers viewers no services, no parameters and no publishing.
"""

import time
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from zprl_core.bags.message_definition import definition
from zprl_core.ros import parameters
from zprl_core.ros.managed_node import ManagedNode, run
from zprl_view.foxglove.assets import asset
from zprl_view.foxglove.rate_limit import rate_of
from zprl_view.foxglove.server import FoxgloveServer
from zprl_view.foxglove.settings import LOOPBACK, FoxgloveSettings
from zprl_view.ros.topic_relay import TopicRelay

LOOK_S = 0.5  # time between two looks for new topics
# The SDK disconnects a viewer for which more advertisements wait than its backlog (foxglove-sdk 0.30.3).
ADVERTISED_AT_ONCE = 8
HIDDEN = "/_"  # in names that ROS hides, as those of actions, whose messages have no definition of their own
LOCAL = (LOOPBACK, "localhost", "::1")


class FoxgloveNode(ManagedNode):
    """Finds the topics of the graph, and relays those that have viewers."""

    def __init__(self) -> None:
        super().__init__("foxglove")
        parameters.declare(self, FoxgloveSettings())
        self._server: FoxgloveServer | None = None

    def configure(self) -> None:
        s = self._settings = parameters.read(self, FoxgloveSettings, FoxgloveSettings())
        self._relays: dict[str, TopicRelay] = {}
        self._left_out: dict[str, str] = {}  # why a topic is not offered
        self._look_s, self._forwarded = 0.0, 0
        self._server = FoxgloveServer(s.host, s.port, s.backlog, asset)
        self.get_logger().info(f"Foxglove: open a connection to {self._server.address}")
        if s.host not in LOCAL:
            self.get_logger().warning(f"anyone who reaches {self._server.address} sees every topic that it offers")

    def close(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None

    def idle(self) -> None:
        for relay in self._relays.values():
            relay.stop()

    def wait_s(self) -> float:
        return 0.05

    def step(self) -> None:
        """Subscribes to what viewers have chosen, and advertises new topics."""
        if self._server is None or not self.active:
            return
        again, watched = self._server.newcomers(), self._server.watched
        for topic, relay in self._relays.items():
            if topic in again or (topic in watched and not relay.running):
                relay.start()
            elif relay.running and topic not in watched:
                relay.stop()
        now_s = time.monotonic()
        if now_s < self._look_s:
            return
        found = list(self._unknown())
        for topic, kind in found[:ADVERTISED_AT_ONCE]:
            self._advertise(self._server, topic, kind)
        if len(found) <= ADVERTISED_AT_ONCE:
            self._look_s = now_s + LOOK_S

    def _unknown(self) -> Iterator[tuple[str, str]]:
        """Yields the chosen topics of the graph that have a publisher and are not advertised yet."""
        wanted = self._settings.topics
        for topic, kinds in self.get_topic_names_and_types():
            known = topic in self._relays or topic in self._left_out
            if known or HIDDEN in topic or not self.count_publishers(topic):
                continue
            if not wanted or any(fnmatchcase(topic, pattern) for pattern in wanted):
                yield topic, kinds[0]

    def _advertise(self, server: FoxgloveServer, topic: str, kind: str) -> None:
        s = self._settings
        try:
            relay = TopicRelay(self, topic, kind, rate_of(kind, s.image_rate, s.rate), self._forward)
            server.advertise(topic, kind, definition(kind))
        except ValueError as error:
            self._left_out[topic] = str(error)
            self.get_logger().warning(f"{topic} is not offered: {error}")
            return
        self._relays[topic] = relay

    def _forward(self, topic: str, data: bytes) -> None:
        if self._server is not None and self.active:
            self._server.send(topic, data)
            self._forwarded += 1

    def health(self) -> tuple[str, dict[str, Any]]:
        if self._server is None:
            return "not configured", {}
        values: dict[str, Any] = {"address": self._server.address, "viewers": self._server.viewers}
        values |= {"offered": len(self._relays), "watched": len(self._server.watched), "forwarded": self._forwarded}
        return "", values | ({"left_out": ", ".join(self._left_out)} if self._left_out else {})


def main() -> None:
    """Runs the Foxglove node."""
    run(FoxgloveNode)


if __name__ == "__main__":
    main()
