"""Connects a robot's journal to the learner: the relay of its transitions, and the topics between the two."""

from collections.abc import Callable

from rclpy.node import Node

from zprl.delivery.outbox import Acknowledgement, Outbox
from zprl_core.ros import topics
from zprl_msgs.msg import JournalStatus, ReplayAck
from zprl_policy.outbox_relay import JournalState, OutboxRelay


class ReplayLink:
    """Publishes a robot's transitions and the state of their journal, and hears what the learner has stored."""

    def __init__(self, node: Node, outbox: Outbox, limit_bytes: int, base: str, newest: Callable[[], int]):
        """Start the relay. `base`: the base's fingerprint. `newest`: returns the number of the newest weights."""
        self._node, self._run, self._robot = node, outbox.run, outbox.robot
        self._limit_bytes, self._base, self._newest = limit_bytes, base, newest
        replay = topics.REPLAY.publisher(node)
        self._journal = topics.REPLAY_JOURNAL.publisher(node)
        self.relay = OutboxRelay(outbox, limit_bytes, replay.publish, self._announce)
        topics.REPLAY_ACK.subscribe(node, self._on_ack)

    def _announce(self, state: JournalState) -> None:
        message = JournalStatus(
            run=self._run,
            robot=self._robot,
            journal=state.number,
            first=state.first,
            next=state.next,
            size_bytes=state.size_bytes,
            limit_bytes=self._limit_bytes,
            weights_number=self._newest(),
            trouble=state.trouble[:1000],
            base=self._base,
        )
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._journal.publish(message)

    def _on_ack(self, m: ReplayAck) -> None:
        if (m.run, m.robot) == (self._run, self._robot):
            self.relay.on_acknowledgement(Acknowledgement(m.journal, m.next, m.gap))
