"""The subscriptions of the streams that a policy observes; every message passes the stream gate."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from rclpy.node import Node

from zprl_core.frame_tree import FrameError
from zprl_core.observation_spec import StreamKind, StreamSpec
from zprl_core.ros import poses, qos
from zprl_core.ros.conversions import ns_from
from zprl_core.ros.samples import TYPES, sample_from
from zprl_core.streams.stream_gate import Admission, Cause, StreamGate
from zprl_policy.ros.tf_listener import NEWEST, TfListener

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
        self._heard: Counter[str] = Counter()  # messages, by topic
        self._tf = TfListener(node, HISTORY_S)
        # in lockstep no state may be lost; otherwise a lab's own publishers and cameras may be best-effort
        quality = qos.STATE if gate.lockstep else NEWEST
        for topic, streams in _by_topic(gate.buffer.spec.streams).items():
            kind = TYPES[streams[0].kind]
            node.create_subscription(kind, topic, partial(self.on_message, streams), quality)

    def on_message(self, streams: Sequence[StreamSpec], message: Any) -> None:
        """Admits the samples of every stream on the message's topic."""
        stamp_ns = ns_from(message.header.stamp)
        self._heard[streams[0].topic] += 1
        for stream in streams:
            if why := self._admit(stream, message, stamp_ns).why:
                self._node.get_logger().warning(why, throttle_duration_sec=5.0)
        self._on_state(stamp_ns)

    def health(self) -> dict[str, object]:
        """Returns each stream's rate, its messages, and the refused ones by cause, for /diagnostics."""
        buffer = self.gate.buffer
        rates = {f"{s.topic} [Hz]": f"{buffer.rate_hz(s.name):.1f}" for s in buffer.spec.streams}
        counts = {f"{buffer.spec[name].topic} {cause.value}": n for (name, cause), n in self.gate.counts.items()}
        return {**rates, **{f"{topic} heard": n for topic, n in self._heard.items()}, **counts}

    def _admit(self, stream: StreamSpec, message: Any, stamp_ns: int) -> Admission:
        arrived_ns, gate = time.monotonic_ns(), self.gate
        try:
            if stream.kind == StreamKind.POSE and poses.normalize(message.pose):
                gate.counts[stream.name, Cause.NORMALIZED] += 1
            sample = sample_from(stream, message, self._tf.tree)
        except FrameError as error:
            self._tf.listen_moving()
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


def _by_topic(streams: Iterable[StreamSpec]) -> dict[str, list[StreamSpec]]:
    by_topic: dict[str, list[StreamSpec]] = {}
    for stream in streams:
        by_topic.setdefault(stream.topic, []).append(stream)
    return by_topic
