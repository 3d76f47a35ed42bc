"""What an arm is asked for in one control step: one record, for the simulator and the robot."""

import math
from dataclasses import dataclass

from zprl_core.observation import Pose


@dataclass(frozen=True)
class ArmTarget:
    """Where the tool or the joints are meant to be at the end of this control step, and the gripper's opening."""

    tool: Pose | None  # None: joints
    width: float = math.nan  # [m]; nan: the gripper stays as it is
    joints: tuple[float, ...] = ()  # [rad]; empty: tool

    def __post_init__(self) -> None:
        if (self.tool is None) != bool(self.joints):
            raise ValueError("a target has a tool pose or joint angles, and not both")

    @property
    def pose(self) -> Pose:
        """The tool's. Raises ValueError for a target in joints."""
        if self.tool is None:
            raise ValueError("the target is in joints, a tool pose is needed; see the policy's action spec")
        return self.tool

    @property
    def finite(self) -> bool:
        """Whether every number is one; the width may be nan."""
        numbers = self.tool.six if self.tool else self.joints
        return all(map(math.isfinite, numbers)) and not math.isinf(self.width)
