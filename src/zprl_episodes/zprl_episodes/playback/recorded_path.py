"""The targets of a recorded episode and the tool that was measured then, as functions of time."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from zprl_core import rotation
from zprl_core.action import ArmTarget
from zprl_core.observation import Pose

Values = npt.NDArray[np.float64]
BLOCK = 30_000  # pairs of a position and a step that are compared at once


@dataclass(frozen=True)
class Deviation:
    """Distances of a played tool from the recorded one [m]."""

    path_mean: float  # to the nearest place of the recorded path
    path_max: float
    time_mean: float  # to the place where the tool was at the same time of the recording
    time_max: float


@dataclass(frozen=True)
class RecordedPath:
    """One arm's targets, and its measured tool, at increasing times since the first one [s]."""

    times: tuple[float, ...]
    targets: tuple[ArmTarget, ...]  # of the tool
    measured: tuple[Pose, ...]

    def __post_init__(self) -> None:
        if len(self.times) < 2 or not len(self.times) == len(self.targets) == len(self.measured):
            raise ValueError(f"the episode has {len(self.times)} steps with a command; a path needs two")
        if self.times[0] != 0.0 or not all(a < b for a, b in zip(self.times, self.times[1:], strict=False)):
            raise ValueError("the times of the episode's steps do not increase")

    @property
    def duration_s(self) -> float:
        """Time from the first to the last step [s]."""
        return self.times[-1]

    def target(self, at_s: float) -> ArmTarget:
        """Returns the target at a time, between two of them the pose between; the gripper's is that of the earlier."""
        k, part = self._place(at_s)
        one, other = self.targets[k], self.targets[min(k + 1, len(self.targets) - 1)]
        return ArmTarget(between(one.pose, other.pose, part), other.width if part >= 1.0 else one.width)

    def positions(self, times: Sequence[float]) -> Values:
        """Returns (n, 3): the measured tool at n times [m]."""
        return np.stack([np.interp(times, self.times, axis) for axis in self._places.T], axis=1)

    def deviation(self, times: Sequence[float], positions: Values) -> Deviation:
        """Compares a tool at `positions` (n, 3) [m] at `times` of the recording with the recorded one.

        It takes about a second for 12,000 positions and 1,200 steps, and little memory.
        """
        late = np.linalg.norm(positions - self.positions(times), axis=1)
        rows = max(1, BLOCK // len(self.times))
        path = np.concatenate([self._distances(positions[k : k + rows]) for k in range(0, len(positions), rows)])
        return Deviation(float(path.mean()), float(path.max()), float(late.mean()), float(late.max()))

    def _place(self, at_s: float) -> tuple[int, float]:
        """Returns the number of the step before a time, and the part of the way to the next one."""
        at_s = min(max(at_s, 0.0), self.duration_s)
        k = min(bisect_right(self.times, at_s) - 1, len(self.times) - 2)
        return k, (at_s - self.times[k]) / (self.times[k + 1] - self.times[k])

    @cached_property
    def _places(self) -> Values:
        """The measured positions, (steps, 3) [m]."""
        return np.array([pose.position for pose in self.measured])

    @cached_property
    def _ways(self) -> tuple[Values, Values]:
        """The ways between them, (steps - 1, 3) [m], and their squared lengths, which are not 0."""
        ways = np.diff(self._places, axis=0)
        return ways, np.maximum(np.sum(ways**2, axis=1), 1e-18)

    def _distances(self, positions: Values) -> Values:
        """Returns (n,): distances of n positions to the nearest place on the lines between the measured ones [m]."""
        ways, lengths = self._ways
        offsets = [positions[:, k, None] - self._places[:-1, k] for k in range(3)]  # (n, steps - 1) along each axis
        along = sum(offset * ways[:, k] for k, offset in enumerate(offsets))
        part = np.clip(along / lengths, 0.0, 1.0)
        squares = sum((offset - part * ways[:, k]) ** 2 for k, offset in enumerate(offsets))
        return np.asarray(np.sqrt(np.min(squares, axis=1)))


def between(one: Pose, other: Pose, part: float) -> Pose:
    """Returns the pose at a part of the straight way, turned about one axis; `part` is 0 at `one` and 1 at `other`."""
    x, y, z = (a + part * (b - a) for a, b in zip(one.position, other.position, strict=True))
    if not any((one.roll, one.pitch, other.roll, other.pitch)):
        turn = math.remainder(other.yaw - one.yaw, math.tau)
        return Pose((x, y, z), math.remainder(one.yaw + part * turn, math.tau))
    turned = rotation.to_vector(other.matrix @ one.matrix.T)
    return Pose.turned((x, y, z), rotation.from_vector(part * turned) @ one.matrix)


def apart(one: Pose, other: Pose) -> tuple[float, float]:
    """Returns the distance [m] and the angle [rad] between two poses."""
    turned = rotation.to_vector(other.matrix @ one.matrix.T)
    return math.dist(one.position, other.position), float(np.linalg.norm(turned))
