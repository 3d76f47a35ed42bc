"""The target of one arm in one control step; the same record serves the simulator and the robot."""

import math
from dataclasses import dataclass

from zprl_core.observation import Pose


@dataclass(frozen=True)
class ArmTarget:
    """Target of the tool or the joints at the end of the control step, and of the gripper's opening."""

    tool: Pose | None  # None for a joint target
    width: float = math.nan  # [m]; nan keeps the gripper as it is
    joints: tuple[float, ...] = ()  # [rad]; empty for a tool target

    def __post_init__(self) -> None:
        if (self.tool is None) != bool(self.joints):
            raise ValueError("a target needs either a tool pose or joint angles, not both")

    @property
    def pose(self) -> Pose:
        """The tool pose. Raises ValueError for a joint target."""
        if self.tool is None:
            raise ValueError("the target is a joint target, but a tool pose is needed; check the policy's action spec")
        return self.tool

    @property
    def finite(self) -> bool:
        """True if every number is finite; the width may be nan."""
        numbers = self.tool.six if self.tool else self.joints
        return all(map(math.isfinite, numbers)) and not math.isinf(self.width)
