"""Synchronizes samples of several streams by their stamps; the same code serves live topics and bags."""

from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise, takewhile

from zprl_core.observation import Observation, Sample
from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec

RING, IMAGE_RING = 64, 4  # samples kept per stream: 3 s at 20 Hz; fewer images, because they are large
LATE_NS = 500_000_000  # how far out of order a sample may arrive
ARRIVALS = 20  # newest samples over which a stream's rate is measured


@dataclass(frozen=True)
class Unavailable:
    """No observation is available, and why."""

    reason: str


class StreamBuffer:
    """Keeps the newest samples of every stream of an `ObservationSpec`."""

    def __init__(self, spec: ObservationSpec):
        self.spec = spec
        self._rings: dict[str, OrderedDict[int, Sample]] = {stream.name: OrderedDict() for stream in spec.streams}
        self._arrivals: dict[str, deque[int]] = {stream.name: deque(maxlen=ARRIVALS) for stream in spec.streams}
        self._refused: dict[str, str] = {}  # why the newest message of a stream was refused

    def push(self, stream: str, stamp_ns: int, sample: Sample, arrived_ns: int) -> bool:
        """Stores a sample. Returns False when its stamp is a duplicate or older than all stored samples.

        A stamp far in the past means that the robot was restarted, and clears all streams. `arrived_ns` must come from
        the clock that is passed to `newest`; stamps may come from another clock.
        """
        ring = self._rings[stream]
        if ring and stamp_ns < next(reversed(ring)) - LATE_NS:
            self.clear()
        full = len(ring) == _length(self.spec[stream])
        if stamp_ns in ring or (full and stamp_ns < next(iter(ring))):
            return False
        self._refused.pop(stream, None)
        later = list(takewhile(lambda stamp: stamp > stamp_ns, reversed(ring)))
        ring[stamp_ns] = sample
        for stamp in reversed(later):  # the ring stays in the order of the stamps
            ring.move_to_end(stamp)
        if not later:  # the age is that of the newest sample
            self._arrivals[stream].append(arrived_ns)
        if len(ring) > _length(self.spec[stream]):
            ring.popitem(last=False)
        return True

    def holds(self, stream: str, stamp_ns: int) -> bool:
        """Returns True if a sample of this stamp is stored."""
        return stamp_ns in self._rings[stream]

    def refuse(self, stream: str, reason: str) -> None:
        """Notes why a message of the stream was refused; it is given when the stream has no fresh sample."""
        self._refused[stream] = reason

    def clear(self) -> None:
        """Drops all samples."""
        for ring, arrivals in zip(self._rings.values(), self._arrivals.values(), strict=True):
            ring.clear()
            arrivals.clear()

    def rate_hz(self, stream: str) -> float:
        """Returns the rate of the stream's newest samples [Hz]; 0 before there are two."""
        arrivals = self._arrivals[stream]
        span_ns = arrivals[-1] - arrivals[0] if arrivals else 0
        return (len(arrivals) - 1) / (span_ns * 1e-9) if span_ns else 0.0

    @property
    def oldest(self) -> StreamSpec:
        """The stream whose newest sample has the oldest stamp, images aside; one without samples counts as stamp 0."""
        streams = [s for s in self.spec.streams if s.kind != StreamKind.IMAGE] or list(self.spec.streams)
        return min(streams, key=lambda stream: next(reversed(self._rings[stream.name]), 0))

    def at(self, stamp_ns: int) -> Observation | None:
        """Returns the observation of exactly this stamp, with each camera's newest image; None until it is complete."""
        found = {stream.name: self._at(stream, stamp_ns) for stream in self.spec.streams}
        stamps = {name: stamp for name, stamp in found.items() if stamp is not None}
        return self._observation(stamp_ns, stamps) if len(stamps) == len(found) else None

    def missing(self, stamp_ns: int) -> str:
        """Returns why there is no observation of this stamp; "" if there is one."""
        for stream in self.spec.streams:
            if self._at(stream, stamp_ns) is None:
                return self._refused.get(stream.name) or self._absent(stream, stamp_ns)
        return ""

    def newest(self, now_ns: int, max_age_ns: int | None = None) -> Observation | Unavailable:
        """Returns the newest samples of all streams, stamped with the oldest stamp among them, images aside.

        Returns Unavailable when a sample is older than `max_age_ns`, or, if that is None, than its spec allows: since
        its arrival, or by its stamp when compared with the newest stamp of another stream.
        """
        stamps: dict[str, int] = {}
        for stream in self.spec.streams:
            if reason := self._stale(stream, now_ns, _allowed_ns(stream, max_age_ns)):
                return Unavailable(self._refused.get(stream.name) or reason)
            stamps[stream.name] = next(reversed(self._rings[stream.name]))
        for stream in self.spec.streams:
            if reason := self._behind(stream, stamps, _allowed_ns(stream, max_age_ns)):
                return Unavailable(reason)
        images = {stream.name for stream in self.spec.images}
        return self._observation(min((t for name, t in stamps.items() if name not in images), default=now_ns), stamps)

    def _observation(self, stamp_ns: int, stamps: Mapping[str, int]) -> Observation:
        """Returns the samples of these stamps."""
        others = {name: stamp for name, stamp in stamps.items() if stamp != stamp_ns}
        return Observation(stamp_ns, {name: self._rings[name][stamp] for name, stamp in stamps.items()}, others)

    def _at(self, stream: StreamSpec, stamp_ns: int) -> int | None:
        """Returns the stamp of the sample of this stamp; of a camera that of the newest image until then.

        None without such a sample, if it is too old, and while a camera's next image is due at this stamp, so that it
        does not matter which message arrives first.
        """
        ring = self._rings[stream.name]
        if stream.kind != StreamKind.IMAGE or stamp_ns in ring:
            return stamp_ns if stamp_ns in ring else None
        if self._due(stream, stamp_ns):
            return None
        oldest_ns = stamp_ns - _allowed_ns(stream)
        return next((stamp for stamp in reversed(ring) if oldest_ns <= stamp <= stamp_ns), None)

    def _due(self, stream: StreamSpec, stamp_ns: int) -> bool:
        """Returns True if the camera, at its slowest rate so far, has an image of this stamp or of shortly before."""
        stamps = [stamp for stamp in self._rings[stream.name] if stamp <= stamp_ns]
        gaps = [after - before for before, after in pairwise(stamps)]
        return bool(gaps) and stamps[-1] + max(gaps) <= stamp_ns

    def _absent(self, stream: StreamSpec, stamp_ns: int) -> str:
        ring = self._rings[stream.name]
        if not ring:
            return f"no sample of {stream.topic} yet"
        apart = _apart(next(reversed(ring)) - stamp_ns)
        if stream.kind == StreamKind.IMAGE:
            if 0 <= stamp_ns - next(reversed(ring)) <= _allowed_ns(stream):
                return f"an image of {stream.topic} is due, its newest is {apart} the state"
            return f"the newest image of {stream.topic} is {apart} the state, the limit is {stream.max_age_s:g} s older"
        return f"{stream.topic} has no sample with the state's stamp; its newest is {apart} the state"

    def _stale(self, stream: StreamSpec, now_ns: int, allowed_ns: int) -> str:
        """Returns why the stream has no fresh sample; "" if it has."""
        arrivals = self._arrivals[stream.name]
        if not arrivals:
            return f"no sample of {stream.topic} yet"
        age_ns = now_ns - arrivals[-1]
        if age_ns <= allowed_ns:
            return ""
        rate = f"; it arrives at {self.rate_hz(stream.name):.1f} Hz" if len(arrivals) > 1 else ""
        limit = f"the limit is {allowed_ns / 1e6:.0f} ms"
        return f"{stream.topic} is stale: {age_ns / 1e6:.0f} ms old, {limit}{rate}"

    def _behind(self, stream: StreamSpec, stamps: Mapping[str, int], allowed_ns: int) -> str:
        """Returns why the stream's sample is too old by its stamp; "" if it is not."""
        newest = max(stamps, key=lambda name: stamps[name])
        age_ns = stamps[newest] - stamps[stream.name]
        if age_ns <= allowed_ns:
            return ""
        return (
            f"{stream.topic} is {age_ns / 1e6:.0f} ms older by its stamp than {self.spec[newest].topic}, the limit is "
            f"{allowed_ns / 1e6:.0f} ms; make the node that publishes it faster, or synchronize the clocks"
        )


def _allowed_ns(stream: StreamSpec, max_age_ns: int | None = None) -> int:
    return round(stream.max_age_s * 1e9) if max_age_ns is None else max_age_ns


def _apart(ahead_ns: int) -> str:
    """Returns a signed distance of two stamps as "1.25 s newer than" or "1.25 s older than"."""
    return f"{abs(ahead_ns) * 1e-9:.2f} s {'newer' if ahead_ns > 0 else 'older'} than"


def _length(stream: StreamSpec) -> int:
    return IMAGE_RING if stream.kind == StreamKind.IMAGE else RING
