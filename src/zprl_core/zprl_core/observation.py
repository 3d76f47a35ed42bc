"""What the policy sees at one instant: one sample for each stream of its `ObservationSpec`.

Frames: every pose is in the arm's base frame (metres, radians).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zprl_core import rotation
from zprl_core.rotation import Rotation

Array = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]

TOOL, WIDTH = "tool", "width"  # names of the streams that an arm with a gripper has
JOINTS = "joints"  # and of an arm that is commanded in joints


@dataclass(frozen=True)
class Pose:
    """A position and an orientation in the arm's base frame: R = Rz(yaw) Ry(pitch) Rx(roll).

    For a tool the hand points straight down when roll and pitch are 0: its rotation is R Rx(pi).
    """

    position: tuple[float, float, float]  # x, y, z [m]
    yaw: float = 0.0  # [rad]
    roll: float = 0.0
    pitch: float = 0.0

    @property
    def six(self) -> tuple[float, float, float, float, float, float]:
        """x, y, z [m], roll, pitch, yaw [rad]."""
        return (*self.position, self.roll, self.pitch, self.yaw)

    @property
    def matrix(self) -> Numbers:
        """(3, 3) R."""
        return rotation.from_rpy(self.roll, self.pitch, self.yaw)

    @classmethod
    def turned(cls, position: tuple[float, float, float], matrix: Numbers) -> "Pose":
        """A pose with rotation R = `matrix` (3, 3)."""
        roll, pitch, yaw = rotation.to_rpy(matrix)
        return cls(position, yaw, roll, pitch)

    def state(self, form: Rotation = Rotation.YAW) -> list[float]:
        """x, y, z and the orientation in numbers; by yaw: cos yaw, sin yaw, without a jump where the angle wraps."""
        if form == Rotation.YAW:
            return [*self.position, float(np.cos(self.yaw)), float(np.sin(self.yaw))]
        written = rotation.to_six if form == Rotation.SIX else rotation.to_vector
        return [*self.position, *written(self.matrix).tolist()]


Sample = Pose | float | npt.NDArray[np.generic]  # a pose, a width, or the numbers of joints, vector or image


@dataclass(frozen=True)
class Observation:
    """One synchronised sample of every stream, taken at `stamp_ns`."""

    stamp_ns: int
    samples: Mapping[str, Sample]  # by the stream's name; objects as perceived, not as they are

    def __eq__(self, other: object) -> bool:
        """Arrays are equal by their elements."""
        if not isinstance(other, Observation) or self.stamp_ns != other.stamp_ns:
            return False
        pairs = ((x, other.samples.get(name)) for name, x in self.samples.items())
        return self.samples.keys() == other.samples.keys() and all(_equal(x, y) for x, y in pairs)

    __hash__ = None  # type: ignore[assignment]  # it holds a mapping

    @classmethod
    def of_arm(
        cls, stamp_ns: int, tool: Pose, width: float, objects: Mapping[str, Pose] | None = None
    ) -> "Observation":
        """What an arm with a gripper [m] sees: its tool, its width, and objects by name."""
        return cls(stamp_ns, {TOOL: tool, WIDTH: width, **(objects or {})})

    def pose(self, name: str) -> Pose:
        """The sample of a pose stream. Raises KeyError when there is none."""
        sample = self.samples[name]
        if not isinstance(sample, Pose):
            raise KeyError(f"{name} is no pose")
        return sample

    @property
    def tool(self) -> Pose:
        """Between the finger tips."""
        return self.pose(TOOL)

    @property
    def width(self) -> float:
        """Opening of the gripper [m]."""
        width = self.samples[WIDTH]
        assert isinstance(width, float)
        return width

    @property
    def objects(self) -> dict[str, Pose]:
        """Every pose but the tools'."""
        return {n: x for n, x in self.samples.items() if isinstance(x, Pose) and n.rpartition("/")[2] != TOOL}


def _equal(x: Sample, y: Sample | None) -> bool:
    if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
        return isinstance(x, np.ndarray) and isinstance(y, np.ndarray) and np.array_equal(x, y)
    return x == y
