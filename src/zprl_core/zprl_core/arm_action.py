"""The action of one arm as numbers in [-1, 1]: its tool or its joints, and its gripper."""

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from zprl_core import rotation
from zprl_core.action import ArmTarget
from zprl_core.observation import JOINTS, TOOL, Observation, Pose
from zprl_core.rotation import Rotation

Action = npt.NDArray[np.float32]
Values = npt.NDArray[np.float64]
Vec3 = tuple[float, float, float]

MOST_JOINTS = 32
ORIGIN = Pose((0.0, 0.0, 0.0))


@dataclass(frozen=True)
class CartesianAction:
    """The motion of the tool in the base frame.

    Delta: the first three components move the tool by up to `step_m` along each axis, the others turn it by up to
    `step_rad` about the axes of the base; with yaw only, the gripper points down. Absolute: the position lies in the
    box `low`..`high`, and the orientation is encoded as `rotation` (yaw and rotation vector in units of pi).
    """

    rotation: Rotation = Rotation.YAW
    absolute: bool = False
    step_m: float = 0.02  # [m] per control step
    step_rad: float = 0.1  # [rad] per control step
    low: Vec3 = (0.28, -0.30, 0.012)  # limits of an absolute position [m]
    high: Vec3 = (0.66, 0.30, 0.42)

    def __post_init__(self) -> None:
        if not all(0.0 < step < math.inf for step in (self.step_m, self.step_rad)):
            raise ValueError(f"step_m and step_rad must be positive and finite, got {self.step_m} and {self.step_rad}")
        if not all(-math.inf < a < b < math.inf for a, b in zip(self.low, self.high, strict=True)):
            raise ValueError(f"the box of absolute positions is empty or not finite: {self.low} to {self.high}")
        if self.rotation == Rotation.SIX and not self.absolute:
            raise ValueError(
                "a delta rotation must be yaw or rotation_vector; rotation_6d is for absolute actions only"
            )

    @property
    def size(self) -> int:
        """Number of components of the action."""
        return 3 + self.rotation.size

    def target(self, a: Values, tool: Pose) -> Pose:
        """Returns the tool pose to reach at the end of the control step."""
        if self.absolute:
            return self._absolute(a)
        x, y, z = (p + self.step_m * float(d) for p, d in zip(tool.position, a[:3], strict=True))
        if self.rotation == Rotation.YAW:
            return Pose((x, y, z), math.remainder(tool.yaw + self.step_rad * float(a[3]), math.tau))
        return Pose.turned((x, y, z), rotation.from_vector(self.step_rad * a[3:6]) @ tool.matrix)

    def action(self, target: Pose, tool: Pose) -> list[float]:
        """Returns the action that moves the tool from `tool` to `target`."""
        if self.absolute:
            return self._written(target)
        moved = [(t - p) / self.step_m for t, p in zip(target.position, tool.position, strict=True)]
        if self.rotation == Rotation.YAW:
            return [*moved, math.remainder(target.yaw - tool.yaw, math.tau) / self.step_rad]
        turn = rotation.to_vector(target.matrix @ tool.matrix.T)
        return [*moved, *(turn / self.step_rad).tolist()]

    def _absolute(self, a: Values) -> Pose:
        low, high = np.array(self.low), np.array(self.high)
        x, y, z = (low + (high - low) * (a[:3] + 1.0) / 2.0).tolist()
        match self.rotation:
            case Rotation.YAW:
                return Pose((x, y, z), math.pi * float(a[3]))
            case Rotation.VECTOR:
                return Pose.turned((x, y, z), rotation.from_vector(math.pi * a[3:6]))
            case Rotation.SIX:
                return Pose.turned((x, y, z), rotation.from_six(a[3:9]))

    def _written(self, target: Pose) -> list[float]:
        low, high = np.array(self.low), np.array(self.high)
        place = (2.0 * (np.array(target.position) - low) / (high - low) - 1.0).tolist()
        match self.rotation:
            case Rotation.YAW:
                return [*place, target.yaw / math.pi]
            case Rotation.VECTOR:
                return [*place, *(rotation.to_vector(target.matrix) / math.pi).tolist()]
            case Rotation.SIX:
                return [*place, *rotation.to_six(target.matrix).tolist()]


@dataclass(frozen=True)
class JointAction:
    """The motion of the joints: by up to `step_rad` per control step, or absolute between `low` and `high` [rad]."""

    joints: tuple[str, ...]
    absolute: bool = False
    step_rad: float = 0.05
    low: tuple[float, ...] = ()  # limits of an absolute action, one per joint
    high: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= len(self.joints) <= MOST_JOINTS or len(set(self.joints)) < len(self.joints):
            raise ValueError(f"a joint action needs 1 to {MOST_JOINTS} different joints, got {self.joints}")
        if not 0.0 < self.step_rad < math.inf:
            raise ValueError(f"step_rad must be positive and finite, got {self.step_rad}")
        if self.absolute and not len(self.low) == len(self.high) == len(self.joints):
            raise ValueError(f"an absolute joint action needs low and high for each of its {len(self.joints)} joints")
        if not all(-math.inf < a < b < math.inf for a, b in zip(self.low, self.high, strict=False)):
            raise ValueError(f"the range of a joint is empty or not finite: {self.low} to {self.high}")

    @property
    def size(self) -> int:
        """Number of components of the action."""
        return len(self.joints)

    def target(self, a: Values, joints: Values) -> tuple[float, ...]:
        """Returns the joint angles [rad] to reach at the end of the control step, starting from `joints`."""
        if self.absolute:
            low, high = np.array(self.low), np.array(self.high)
            return tuple((low + (high - low) * (a + 1.0) / 2.0).tolist())
        return tuple((joints + self.step_rad * a).tolist())

    def action(self, target: tuple[float, ...], joints: Values) -> list[float]:
        """Returns the action that moves the joints from `joints` to `target`."""
        if self.absolute:
            low, high = np.array(self.low), np.array(self.high)
            return list((2.0 * (np.array(target) - low) / (high - low) - 1.0).tolist())
        return list(((np.array(target) - joints) / self.step_rad).tolist())


@dataclass(frozen=True)
class GripperAction:
    """One component: open (+1), closed (-1), or in between."""

    open_width_m: float = 0.08

    def __post_init__(self) -> None:
        if not 0.0 < self.open_width_m < math.inf:
            raise ValueError(f"open_width_m must be positive and finite, got {self.open_width_m}")

    def target(self, a: float) -> float:
        """Returns the target width [m]."""
        return self.open_width_m * (float(a) + 1.0) / 2.0

    def action(self, width: float) -> float:
        """Returns the component that commands `width` [m]."""
        return 2.0 * width / self.open_width_m - 1.0


@dataclass(frozen=True)
class ArmAction:
    """The action of one arm: a motion and, if it has a gripper, the gripper's width."""

    arm: str = ""  # its namespace; "" for the only arm
    motion: CartesianAction | JointAction = field(default_factory=CartesianAction)
    gripper: GripperAction | None = field(default_factory=GripperAction)
    frame: str = "fr3_link0"

    @property
    def stream(self) -> str:
        """The observation stream that a delta starts from."""
        name = TOOL if isinstance(self.motion, CartesianAction) else JOINTS
        return f"{self.arm}/{name}" if self.arm else name

    def topic(self, name: str) -> str:
        """Returns the name of a topic of this arm, relative to the policy's namespace."""
        return f"{self.arm}/{name}" if self.arm else name

    @property
    def size(self) -> int:
        """Number of components of the action."""
        return self.motion.size + (self.gripper is not None)

    def target(self, a: Values, observation: Observation) -> ArmTarget:
        """Returns the arm's target for the action `a` (size,)."""
        width = math.nan if self.gripper is None else self.gripper.target(a[-1])
        a = a[: self.motion.size]
        if isinstance(self.motion, CartesianAction):
            return ArmTarget(self.motion.target(a, self._tool(observation)), width)
        return ArmTarget(None, width, self.motion.target(a, self._joints(observation)))

    def action(self, target: ArmTarget, observation: Observation) -> list[float]:
        """Returns the action that produces `target`."""
        if isinstance(self.motion, CartesianAction):
            numbers = self.motion.action(target.pose, self._tool(observation))
        elif len(target.joints) != self.motion.size:
            raise ValueError(f"the target has {len(target.joints)} joint angles, but the action has {self.motion.size}")
        else:
            numbers = self.motion.action(target.joints, self._joints(observation))
        if self.gripper is not None:
            numbers.append(self.gripper.action(target.width))
        return numbers

    @property
    def still(self) -> list[bool]:
        """True for each component where 0 means no motion; the others hold their last value."""
        return [not self.motion.absolute] * self.motion.size + [False] * (self.gripper is not None)

    def _tool(self, observation: Observation) -> Pose:
        """The pose that a delta starts from; an absolute action reads no stream."""
        return ORIGIN if self.motion.absolute else observation.pose(self.stream)

    def _joints(self, observation: Observation) -> Values:
        if self.motion.absolute:
            return np.zeros(self.motion.size)
        return np.asarray(observation.samples[self.stream], dtype=np.float64)
