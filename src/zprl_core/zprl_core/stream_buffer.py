"""Samples of several streams, brought together by their stamps. The same code for live topics and for bags."""

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from zprl_core.observation import Observation, PlanarPose

TOOL, WIDTH = "arm/current_pose", "joint_states"
Sample = PlanarPose | float
RING = 64  # stamps kept for each stream: 3 s at 20 Hz
LARGEST = float(np.finfo(np.float32).max)  # of a number that is still finite as the networks see it
LATE_NS = 500_000_000  # by so much a sample may come after a newer one


@dataclass(frozen=True)
class Unavailable:
    """Why there is no observation."""

    reason: str


class StreamBuffer:
    """Tool pose, gripper width and one pose for each object. Stream names are topic names."""

    def __init__(self, objects: tuple[str, ...]):
        self.objects = {name: f"objects/{name}/pose" for name in objects}
        self._rings: dict[str, OrderedDict[int, Sample]] = {
            name: OrderedDict() for name in (TOOL, WIDTH, *self.objects.values())
        }
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
        if stamp_ns in ring or (len(ring) == RING and stamp_ns < next(iter(ring))):
            return False
        ring[stamp_ns] = sample
        if len(ring) > RING:
            ring.popitem(last=False)
        return True

    def at(self, stamp_ns: int) -> Observation | None:
        """The observation of exactly this stamp; None until every stream has it."""
        if not all(stamp_ns in ring for ring in self._rings.values()):
            return None
        return self._observation(stamp_ns, {name: ring[stamp_ns] for name, ring in self._rings.items()})

    def newest(self, now_ns: int, max_age_ns: int) -> Observation | Unavailable:
        """The newest samples of all streams, stamped with the oldest of them; Hold when one is stale."""
        stamps: list[int] = []
        newest: dict[str, Sample] = {}
        for name, ring in self._rings.items():
            if not ring:
                return Unavailable(f"no sample of {name} yet")
            age_ns = now_ns - self._arrived[name]
            if age_ns > max_age_ns:
                return Unavailable(f"{name} is stale: {age_ns / 1e6:.0f} ms old, allowed are {max_age_ns / 1e6:.0f} ms")
            stamp_ns, newest[name] = next(reversed(ring.items()))
            stamps.append(stamp_ns)
        return self._observation(min(stamps), newest)

    def _observation(self, stamp_ns: int, samples: dict[str, Sample]) -> Observation:
        tool, width = samples[TOOL], samples[WIDTH]
        objects = {name: samples[stream] for name, stream in self.objects.items()}
        return Observation(stamp_ns, tool, width, objects)  # type: ignore[arg-type]


def finite(observation: Observation) -> Unavailable | None:
    """Hold that names the first stream with a number that is not finite; None when all are."""
    parts: dict[str, Sample] = {TOOL: observation.tool, WIDTH: observation.width, **observation.objects}
    for name, sample in parts.items():
        numbers = sample.state() if isinstance(sample, PlanarPose) else [sample]
        if not np.all(np.abs(numbers) <= LARGEST):
            return Unavailable(f"{name} holds a number that is not finite")
    return None
