"""The targets of a recorded episode and the tool that was measured then, as functions of time."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zprl_core import rotation
from zprl_core.action import ArmTarget
from zprl_core.observation import Pose

Values = npt.NDArray[np.float64]


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

    def position(self, at_s: float) -> Values:
        """Returns (3,): the measured tool at a time [m]."""
        k, part = self._place(at_s)
        one, other = (np.array(self.measured[i].position) for i in (k, min(k + 1, len(self.measured) - 1)))
        return np.asarray(one + part * (other - one))

    def deviation(self, times: tuple[float, ...], positions: Values) -> Deviation:
        """Compares a tool at `positions` (n, 3) [m] at `times` of the recording with the recorded one."""
        then = np.array([self.position(at_s) for at_s in times])
        apart = np.linalg.norm(positions - then, axis=1)
        path = np.array([self._distance(position) for position in positions])
        return Deviation(float(path.mean()), float(path.max()), float(apart.mean()), float(apart.max()))

    def _place(self, at_s: float) -> tuple[int, float]:
        """Returns the number of the step before a time, and the part of the way to the next one."""
        at_s = min(max(at_s, 0.0), self.duration_s)
        k = min(int(np.searchsorted(self.times, at_s, side="right")) - 1, len(self.times) - 2)
        return k, (at_s - self.times[k]) / (self.times[k + 1] - self.times[k])

    def _distance(self, position: Values) -> float:
        """Returns the distance to the nearest place on the lines between the measured positions [m]."""
        places = np.array([pose.position for pose in self.measured])
        begin, way = places[:-1], np.diff(places, axis=0)
        length = np.maximum(np.sum(way**2, axis=1), 1e-18)
        part = np.clip(np.sum((position - begin) * way, axis=1) / length, 0.0, 1.0)
        return float(np.linalg.norm(begin + part[:, None] * way - position, axis=1).min())


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
