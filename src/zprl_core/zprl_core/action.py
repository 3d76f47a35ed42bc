"""From a policy's normalised action to a target for the arm: one place, for the simulator and the robot."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zprl_core.observation import PlanarPose

ACTION_SIZE = 5  # dx, dy, dz, dyaw, grip: each in [-1, 1]


@dataclass(frozen=True)
class ArmTarget:
    """Where the tool shall be at the end of this control step, and how far the gripper shall open."""

    tool: PlanarPose
    width: float  # [m]


@dataclass(frozen=True)
class ActionScale:
    """How far a full action moves the arm in one control step."""

    step_m: float = 0.02
    step_rad: float = 0.1
    open_width_m: float = 0.08

    def __post_init__(self) -> None:
        if min(self.step_m, self.step_rad, self.open_width_m) <= 0:
            raise ValueError(f"action scale must be positive, got {self}")

    def target(self, action: npt.NDArray[np.floating], tool: PlanarPose) -> ArmTarget:
        """The target of `action` (5,) when the tool is at `tool`.

        The first four numbers move the tool; the fifth opens (+1) or closes (-1) the gripper. Values
        outside [-1, 1] are clipped. Raises ValueError when an action is not finite.
        """
        if not np.all(np.isfinite(action)):
            raise ValueError(f"action {action} is not finite; the arm keeps its last target")
        a = np.clip(action, -1.0, 1.0)
        x, y, z = (p + self.step_m * float(d) for p, d in zip(tool.position, a[:3], strict=True))
        yaw = math.remainder(tool.yaw + self.step_rad * float(a[3]), math.tau)
        return ArmTarget(PlanarPose((x, y, z), yaw), self.open_width_m * (float(a[4]) + 1.0) / 2.0)

    def action(self, target: ArmTarget, tool: PlanarPose) -> npt.NDArray[np.float32]:
        """The action (5,) that stands for `target` when the tool is at `tool`. It may lie outside [-1, 1]."""
        moved = [(t - p) / self.step_m for t, p in zip(target.tool.position, tool.position, strict=True)]
        turned = math.remainder(target.tool.yaw - tool.yaw, math.tau) / self.step_rad
        return np.array([*moved, turned, 2.0 * target.width / self.open_width_m - 1.0], dtype=np.float32)
