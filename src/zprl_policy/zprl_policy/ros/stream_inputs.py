"""The subscriptions of the streams that a policy observes; every message passes the stream gate."""

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from tf2_msgs.msg import TFMessage

from zprl_core.frame_tree import FrameError, FrameTree
from zprl_core.geometry import matrix_from
from zprl_core.observation_spec import StreamKind, StreamSpec
from zprl_core.ros import poses, qos, topics
from zprl_core.ros.conversions import ns_from
from zprl_core.ros.samples import TYPES, sample_from
from zprl_core.streams.stream_gate import Admission, Cause, StreamGate

NEWEST = QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT)  # receives from reliable publishers too
LATCHED = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)  # for many publishers
HISTORY_S = 3.0  # how long transforms are kept


class StreamInputs:
    """Subscribes to every stream of the gate's spec, and to tf once a message needs it.

    `on_state` is called with the stamp after each message, whether or not it was admitted; `on_repeat` in lockstep with
    the stamp of an arm's state that was not stored, and its arrival [ns].
    """

    def __init__(
        self, node: Node, gate: StreamGate, on_state: Callable[[int], None], on_repeat: Callable[[int, int], None]
    ):
        self.gate, self._node, self._on_state, self._on_repeat = gate, node, on_state, on_repeat
        self.newest_state_s = time.monotonic()  # arrival of the arm's newest state
        self._frames = FrameTree(HISTORY_S)
        self._hears_tf = False
        # in lockstep no state may be lost; otherwise a lab's own publishers and cameras may be best-effort
        quality = qos.STATE if gate.lockstep else NEWEST
        for topic, streams in _by_topic(gate.buffer.spec.streams).items():
            kind = TYPES[streams[0].kind]
            node.create_subscription(kind, topic, partial(self.on_message, streams), quality)

    def on_message(self, streams: Sequence[StreamSpec], message: Any) -> None:
        """Admits the samples of every stream on the message's topic."""
        stamp_ns = ns_from(message.header.stamp)
        for stream in streams:
            if why := self._admit(stream, message, stamp_ns).why:
                self._node.get_logger().warning(why, throttle_duration_sec=5.0)
        self._on_state(stamp_ns)

    def health(self) -> dict[str, object]:
        """Returns the rate of each stream, and its refused messages by cause, for /diagnostics."""
        buffer = self.gate.buffer
        rates = {f"{s.topic} [Hz]": f"{buffer.rate_hz(s.name):.1f}" for s in buffer.spec.streams}
        counts = {f"{buffer.spec[name].topic} {cause.value}": n for (name, cause), n in self.gate.counts.items()}
        return {**rates, **counts}

    def _admit(self, stream: StreamSpec, message: Any, stamp_ns: int) -> Admission:
        arrived_ns, gate = time.monotonic_ns(), self.gate
        try:
            if stream.kind == StreamKind.POSE and poses.normalize(message.pose):
                gate.counts[stream.name, Cause.NORMALIZED] += 1
            sample = sample_from(stream, message, self._frames)
        except FrameError as error:
            self._hear_tf()
            admission = gate.refuse(stream, Cause.FRAME, str(error))
        except ValueError as error:  # for example joint_states of another node
            admission = gate.refuse(stream, Cause.CONTENT, str(error))
        else:
            admission = gate.admit(stream, stamp_ns, sample, arrived_ns)
        if stream.name == gate.reference:
            if admission.stored:
                self.newest_state_s = arrived_ns * 1e-9
            elif gate.lockstep:
                self._on_repeat(stamp_ns, arrived_ns)
        return admission

    def _hear_tf(self) -> None:
        if not self._hears_tf:
            self._hears_tf = True
            topics.TF.subscribe(self._node, partial(self._on_transforms, False), NEWEST)
            topics.TF_STATIC.subscribe(self._node, partial(self._on_transforms, True), LATCHED)

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
            self._frames.update(t.header.frame_id, t.child_frame_id, matrix, received_s, static, stamp_ns)


def _by_topic(streams: Iterable[StreamSpec]) -> dict[str, list[StreamSpec]]:
    by_topic: dict[str, list[StreamSpec]] = {}
    for stream in streams:
        by_topic.setdefault(stream.topic, []).append(stream)
    return by_topic
