"""Admits samples to a `StreamBuffer`: judges their stamps and numbers, and counts what is refused and why."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from zprl_core.observation import Sample
from zprl_core.observation_spec import StreamSpec
from zprl_core.streams.clock_jump import ClockJump, said
from zprl_core.streams.stream_buffer import StreamBuffer

CLOCK_NS = 1_000_000_000  # disagreement of two clocks beyond which the samples are refused


class Cause(str, Enum):
    """The cause of a refusal, as counted in /diagnostics."""

    CONTENT = "content"  # the message does not contain the sample
    FRAME = "frame"
    STAMP = "stamp"  # missing, or of a clock that disagrees
    REPEATED = "repeated"  # the stamp was seen before, or is older than all stored ones
    NUMBERS = "numbers"  # not finite, or of another shape
    NORMALIZED = "normalized"  # not refused: a quaternion that had not exactly length 1


@dataclass(frozen=True)
class Admission:
    """The outcome for one sample: stored, refused with a reason, or neither, for a repeated state in lockstep."""

    stored: bool
    why: str = ""

    def __post_init__(self) -> None:
        if self.stored and self.why:
            raise ValueError(f"a stored sample has no reason, got {self.why!r}")


class StreamGate:
    """Judges the samples of all streams by one clock: that of the `reference` stream, the arm's state.

    A stamp is compared with the reference's newest, advanced by the steady clock since its arrival. So it does not
    matter whether this computer's clock agrees with the robot's, or whether it is a simulation's. In lockstep the
    stamps of one state are equal, and time does not matter.
    """

    def __init__(
        self,
        buffer: StreamBuffer,
        reference: str,
        lockstep: bool = False,
        on_jump: Callable[[str], None] = lambda why: None,
    ):
        self.buffer, self.reference, self.lockstep, self.on_jump = buffer, reference, lockstep, on_jump
        self.counts: Counter[tuple[str, Cause]] = Counter()  # refused messages, by stream name
        self._clock = ClockJump()
        self._newest: tuple[int, int] | None = None  # stamp and arrival of the reference's newest sample

    def admit(self, stream: StreamSpec, stamp_ns: int, sample: Sample, arrived_ns: int) -> Admission:
        """Stores a sample, or refuses it. A lockstep robot repeats its state until it is answered: no reason to refuse.

        `arrived_ns` is of a steady clock. When the reference's clock was set, all samples are dropped, and `on_jump`
        is called with the reason.
        """
        if why := self._stamp_fault(stream, stamp_ns, arrived_ns):
            return self.refuse(stream, Cause.STAMP, why)
        if why := stream.fault(sample):
            return self.refuse(stream, Cause.NUMBERS, f"{why}; check the node that publishes it")
        if stream.name == self.reference:
            self._watch_clock(stream, stamp_ns, arrived_ns)
        if self.lockstep and self.buffer.holds(stream.name, stamp_ns):
            return Admission(stored=False)
        if not self.buffer.push(stream.name, stamp_ns, sample, arrived_ns):
            return self.refuse(stream, Cause.REPEATED, _repeated(stream))
        return Admission(stored=True)

    def refuse(self, stream: StreamSpec, cause: Cause, why: str) -> Admission:
        """Counts a message that is not stored, and keeps the reason."""
        self.counts[stream.name, cause] += 1
        self.buffer.refuse(stream.name, why)
        return Admission(stored=False, why=why)

    def _stamp_fault(self, stream: StreamSpec, stamp_ns: int, arrived_ns: int) -> str:
        """Returns why a stamp cannot be used; "" if it can."""
        if stamp_ns <= 0:
            return f"{stream.topic} has no stamp: set header.stamp to the time of measurement"
        if self.lockstep or stream.name == self.reference or self._newest is None:
            return ""
        newest_ns, newest_arrived_ns = self._newest
        ahead_ns = stamp_ns - (newest_ns + arrived_ns - newest_arrived_ns)
        behind_ns = max(CLOCK_NS, round(stream.max_age_s * 1e9))
        if -behind_ns <= ahead_ns <= CLOCK_NS:
            return ""
        how = f"{abs(ahead_ns) * 1e-9:.1f} s {'ahead of' if ahead_ns > 0 else 'behind'}"
        return (
            f"{stream.topic} is stamped {how} {self.buffer.spec[self.reference].topic}: the clocks of their computers "
            f"disagree, or the stamp is not the time of measurement; check the clocks with chronyc tracking"
        )

    def _watch_clock(self, stream: StreamSpec, stamp_ns: int, arrived_ns: int) -> None:
        """Advances the reference clock; drops all samples if it was set."""
        jump_s = 0.0 if self.lockstep else self._clock.update(stamp_ns, arrived_ns)
        if jump_s or self._newest is None or stamp_ns > self._newest[0]:
            self._newest = stamp_ns, arrived_ns
        if jump_s:
            self.buffer.clear()
            self.on_jump(f"the clock of {stream.topic} was {said(jump_s)}")


def _repeated(stream: StreamSpec) -> str:
    return (
        f"{stream.topic} repeats a stamp, or is older than its earlier messages: its node must publish new measurements"
    )
