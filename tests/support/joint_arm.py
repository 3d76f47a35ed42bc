"""An FR3 of joints alone, whose tool is where its joints put it: what follows a tool and what follows joints."""

from dataclasses import replace
from typing import cast

import numpy as np

from zprl_control.driver import ArmState
from zprl_core import rotation
from zprl_core.arm_model import FR3
from zprl_core.target import Pose6, Target, Twist6
from zprl_hardware.franka.kinematics import tool_at

HOME = FR3.home
STILL: Twist6 = (0.0,) * 6
Joints = tuple[float, ...]
TINY = 1e-6  # [rad] of a difference quotient


class JointArm:
    """Comes by `follows` of the way to what it is told in each step: 1 is an arm that does not lag."""

    def __init__(self, joints: Joints = HOME, follows: float = 1.0):
        self.joints, self.follows, self.now = joints, follows, 0.0
        self.state = ArmState(0.0, joints, (0.0,) * 7, tool_at(joints), STILL, STILL, 0.08)

    def connect(self) -> None: ...

    def read(self) -> ArmState:
        return replace(self.state, read_s=self.now)

    def begin(self, target: Target) -> None: ...

    def set_target(self, target: Target) -> None:
        """Follow it at once."""
        joints = solved(self.joints, target.pose) if target.joints is None else target.joints
        self.place(tuple(q + self.follows * (a - q) for q, a in zip(self.joints, joints, strict=True)), target.width)

    def place(self, joints: Joints, width: float = 0.08) -> None:
        """Put its joints there."""
        self.joints = joints
        self.state = replace(self.state, joints=joints, pose=tool_at(joints), width=width)

    def halt(self) -> None: ...

    def reset(self) -> None: ...

    def progress(self) -> float:
        return 1.0

    def home_gripper(self) -> None: ...

    def recover(self) -> None: ...

    def close(self) -> None: ...


def solved(joints: Joints, pose: Pose6) -> Joints:
    """Angles [rad] that put the tool nearer to `pose`: one damped step of differential kinematics."""
    here = tool_at(joints)
    jacobian = np.stack([_way(here, tool_at(_with(joints, i, TINY))) / TINY for i in range(7)], axis=1)
    step = jacobian.T @ np.linalg.solve(jacobian @ jacobian.T + 1e-4 * np.eye(6), _way(here, pose))
    return tuple(np.add(joints, step).tolist())


def _way(start: Pose6, end: Pose6) -> np.ndarray:
    turn = rotation.from_rpy(*end[3:]) @ rotation.from_rpy(*start[3:]).T
    return np.concatenate([np.subtract(end[:3], start[:3]), rotation.to_vector(turn)])


def _with(joints: Joints, index: int, by: float) -> Joints:
    return cast(Joints, tuple(q + by * (i == index) for i, q in enumerate(joints)))
