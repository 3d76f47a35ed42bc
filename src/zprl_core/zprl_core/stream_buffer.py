"""Synchronizes samples of several streams by their stamps; the same code serves live topics and bags."""

from collections import OrderedDict
from dataclasses import dataclass
from itertools import takewhile

from zprl_core.observation import Observation, Sample
from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec

RING, IMAGE_RING = 64, 4  # samples kept per stream: 3 s at 20 Hz; fewer images, because they are large
LATE_NS = 500_000_000  # how far out of order a sample may arrive


@dataclass(frozen=True)
class Unavailable:
    """No observation is available, and why."""

    reason: str


class StreamBuffer:
    """Keeps the newest samples of every stream of an `ObservationSpec`."""

    def __init__(self, spec: ObservationSpec):
        self.spec = spec
        self._rings: dict[str, OrderedDict[int, Sample]] = {stream.name: OrderedDict() for stream in spec.streams}
        self._arrived: dict[str, int] = {}

    def push(self, stream: str, stamp_ns: int, sample: Sample, arrived_ns: int) -> bool:
        """Stores a sample. Returns False when its stamp is a duplicate or older than all stored samples.

        A stamp far in the past means that the robot was restarted, and clears all streams. `arrived_ns` must come from
        the clock that is passed to `newest`; stamps may come from another clock.
        """
        ring = self._rings[stream]
        self._arrived[stream] = arrived_ns
        if ring and stamp_ns < next(reversed(ring)) - LATE_NS:
            for samples in self._rings.values():
                samples.clear()
        full = len(ring) == _length(self.spec[stream])
        if stamp_ns in ring or (full and stamp_ns < next(iter(ring))):
            return False
        later = list(takewhile(lambda stamp: stamp > stamp_ns, reversed(ring)))
        ring[stamp_ns] = sample
        for stamp in reversed(later):  # the ring stays in the order of the stamps
            ring.move_to_end(stamp)
        if len(ring) > _length(self.spec[stream]):
            ring.popitem(last=False)
        return True

    def at(self, stamp_ns: int) -> Observation | None:
        """Returns the observation of exactly this stamp, with each camera's newest image; None until it is complete."""
        samples: dict[str, Sample] = {}
        for stream in self.spec.streams:
            ring = self._rings[stream.name]
            if stream.kind == StreamKind.IMAGE and ring:
                samples[stream.name] = next(reversed(ring.values()))
            elif stamp_ns in ring:
                samples[stream.name] = ring[stamp_ns]
            else:
                return None
        return Observation(stamp_ns, samples)

    def newest(self, now_ns: int, max_age_ns: int | None = None) -> Observation | Unavailable:
        """Returns the newest samples of all streams, stamped with the oldest stamp among them, images aside.

        Returns Unavailable when a sample is older than `max_age_ns`, or, if that is None, than its spec allows.
        """
        stamps: list[int] = []
        newest: dict[str, Sample] = {}
        for stream in self.spec.streams:
            ring = self._rings[stream.name]
            if not ring:
                return Unavailable(f"no sample of {stream.topic} yet")
            age_ns = now_ns - self._arrived[stream.name]
            allowed_ns = round(stream.max_age_s * 1e9) if max_age_ns is None else max_age_ns
            if age_ns > allowed_ns:
                return Unavailable(
                    f"{stream.topic} is stale: {age_ns / 1e6:.0f} ms old, the limit is {allowed_ns / 1e6:.0f} ms"
                )
            stamp_ns, newest[stream.name] = next(reversed(ring.items()))
            if stream.kind != StreamKind.IMAGE:
                stamps.append(stamp_ns)
        return Observation(min(stamps, default=now_ns), newest)


def _length(stream: StreamSpec) -> int:
    return IMAGE_RING if stream.kind == StreamKind.IMAGE else RING
