"""Samples of several streams, brought together by their stamps. The same code for live topics and for bags."""

from collections import OrderedDict
from dataclasses import dataclass

from zprl_core.observation import Observation, Sample
from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec

RING, IMAGE_RING = 64, 4  # stamps kept for each stream: 3 s at 20 Hz; images are large
LATE_NS = 500_000_000  # by so much a sample may come after a newer one


@dataclass(frozen=True)
class Unavailable:
    """Why there is no observation."""

    reason: str


class StreamBuffer:
    """The newest samples of every stream of an `ObservationSpec`."""

    def __init__(self, spec: ObservationSpec):
        self.spec = spec
        self._rings: dict[str, OrderedDict[int, Sample]] = {stream.name: OrderedDict() for stream in spec.streams}
        self._arrived: dict[str, int] = {}

    def push(self, stream: str, stamp_ns: int, sample: Sample, arrived_ns: int) -> bool:
        """Keep a sample. False when this stamp is known already, or older than all that are kept.

        A stamp that goes back far means that the robot began anew: what all streams held is forgotten.
        `arrived_ns` is read from the clock that `newest` is asked with; stamps may come from another one.
        """
        ring = self._rings[stream]
        self._arrived[stream] = arrived_ns
        if ring and stamp_ns < next(reversed(ring)) - LATE_NS:
            for samples in self._rings.values():
                samples.clear()
        full = len(ring) == _length(self.spec[stream])
        if stamp_ns in ring or (full and stamp_ns < next(iter(ring))):
            return False
        ring[stamp_ns] = sample
        if len(ring) > _length(self.spec[stream]):
            ring.popitem(last=False)
        return True

    def at(self, stamp_ns: int) -> Observation | None:
        """The observation of exactly this stamp, with each camera's newest image; None until every stream has it."""
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
        """The newest samples of all streams, stamped with the oldest of them but the images.

        Unavailable when one is older than `max_age_ns`; None: than its own spec says.
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
                    f"{stream.topic} is stale: {age_ns / 1e6:.0f} ms old, allowed are {allowed_ns / 1e6:.0f} ms"
                )
            stamp_ns, newest[stream.name] = next(reversed(ring.items()))
            if stream.kind != StreamKind.IMAGE:
                stamps.append(stamp_ns)
        return Observation(min(stamps, default=now_ns), newest)


def _length(stream: StreamSpec) -> int:
    return IMAGE_RING if stream.kind == StreamKind.IMAGE else RING
