"""The policy's input at one instant: one sample for each stream of its `ObservationSpec`.

Frames: every pose is in the arm's base frame (meters, radians).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from zprl_core import rotation
from zprl_core.rotation import Rotation

Array = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]

TOOL, WIDTH = "tool", "width"  # stream names of an arm with a gripper
JOINTS = "joints"  # stream name of an arm that is commanded in joints


@dataclass(frozen=True)
class Pose:
    """A position and an orientation in the arm's base frame: R = Rz(yaw) Ry(pitch) Rx(roll).

    A tool with roll and pitch 0 points straight down: its rotation is R Rx(pi).
    """

    position: tuple[float, float, float]  # x, y, z [m]
    yaw: float = 0.0  # [rad]
    roll: float = 0.0
    pitch: float = 0.0

    @property
    def six(self) -> tuple[float, float, float, float, float, float]:
        """The six numbers x, y, z [m], roll, pitch, yaw [rad]."""
        return (*self.position, self.roll, self.pitch, self.yaw)

    @property
    def matrix(self) -> Numbers:
        """The rotation matrix R, (3, 3)."""
        return rotation.from_rpy(self.roll, self.pitch, self.yaw)

    @classmethod
    def turned(cls, position: tuple[float, float, float], matrix: Numbers) -> "Pose":
        """Returns the pose with rotation R = `matrix` (3, 3)."""
        roll, pitch, yaw = rotation.to_rpy(matrix)
        return cls(position, yaw, roll, pitch)

    def state(self, form: Rotation = Rotation.YAW) -> list[float]:
        """Returns x, y, z and the orientation; as yaw: cos yaw, sin yaw, continuous where the angle wraps."""
        if form == Rotation.YAW:
            return [*self.position, float(np.cos(self.yaw)), float(np.sin(self.yaw))]
        written = rotation.to_six if form == Rotation.SIX else rotation.to_vector
        return [*self.position, *written(self.matrix).tolist()]


Sample = Pose | float | npt.NDArray[np.generic]  # a pose, a width, or an array for joints, vector or image


class LazySamples(Mapping[str, Sample]):
    """Samples of `ready`, and those of `makers`, each made at its first access and then kept, such as rendered images.

    Iterating over the names or testing one makes nothing. A maker may raise an error when it is called too late.
    """

    def __init__(self, ready: Mapping[str, Sample], makers: Mapping[str, Callable[[], Sample]]):
        self.ready, self._makers = ready, makers
        self._made: dict[str, Sample] = {}

    def __getitem__(self, name: str) -> Sample:
        if name in self.ready:
            return self.ready[name]
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self.ready or name in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter((*self.ready, *self._makers))

    def __len__(self) -> int:
        return len(self.ready) + len(self._makers)


def ready_part(samples: Mapping[str, Sample]) -> Mapping[str, Sample]:
    """Returns the samples that need not be made."""
    return samples.ready if isinstance(samples, LazySamples) else samples


@dataclass(frozen=True)
class Observation:
    """One synchronized sample of every stream, taken at `stamp_ns`."""

    stamp_ns: int
    samples: Mapping[str, Sample]  # by stream name; objects as perceived, not the ground truth
    stamps: Mapping[str, int] = field(default_factory=dict)  # by stream name, of samples that have another stamp

    def __eq__(self, other: object) -> bool:
        """Compares arrays by their elements."""
        if not isinstance(other, Observation) or self.stamp_ns != other.stamp_ns:
            return False
        pairs = ((x, other.samples.get(name)) for name, x in self.samples.items())
        return self.samples.keys() == other.samples.keys() and all(_equal(x, y) for x, y in pairs)

    __hash__ = None  # type: ignore[assignment]  # contains a mapping

    @classmethod
    def of_arm(
        cls, stamp_ns: int, tool: Pose, width: float, objects: Mapping[str, Pose] | None = None
    ) -> "Observation":
        """Returns the observation of an arm with a gripper: tool, width [m], and objects by name."""
        return cls(stamp_ns, {TOOL: tool, WIDTH: width, **(objects or {})})

    def pose(self, name: str) -> Pose:
        """Returns the sample of a pose stream. Raises KeyError when there is none."""
        sample = self.samples[name]
        if not isinstance(sample, Pose):
            raise KeyError(f"{name} is not a pose")
        return sample

    @property
    def tool(self) -> Pose:
        """The tool pose, between the fingertips."""
        return self.pose(TOOL)

    @property
    def width(self) -> float:
        """Opening of the gripper [m]."""
        width = self.samples[WIDTH]
        assert isinstance(width, float)
        return width

    @property
    def objects(self) -> dict[str, Pose]:
        """Every pose except those of tools."""
        samples = ready_part(self.samples)  # poses are never lazy, images may be
        return {n: x for n, x in samples.items() if isinstance(x, Pose) and n.rpartition("/")[2] != TOOL}


def _equal(x: Sample, y: Sample | None) -> bool:
    if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
        return isinstance(x, np.ndarray) and isinstance(y, np.ndarray) and np.array_equal(x, y)
    return x == y
