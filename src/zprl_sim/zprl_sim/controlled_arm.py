"""The MuJoCo arm behind simulated `ros2_control` controllers, one control cycle at a time."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from zprl_core.observation import Pose
from zprl_sim.rendering import mujoco
from zprl_sim.robot import MAX_WIDTH, SimRobot
from zprl_sim.settings import PHYSICS_S

Array = npt.NDArray[np.float64]
FINGER_M_S = 0.05  # speed of one finger
STALL_S, STALL_M_S = 0.3, 0.001  # fingers slower than this for this long, short of their goal, are stalled


class ControlledArm:
    """Position-controlled joints and a position-controlled gripper. A refused command raises ValueError."""

    def __init__(self, robot: SimRobot, period_s: float = 0.01):
        """`period_s`: duration of a control cycle, a whole number of physics steps."""
        self.robot, self.period_s = robot, period_s
        self._substeps = round(period_s / PHYSICS_S)
        if self._substeps < 1 or abs(self._substeps * PHYSICS_S - period_s) > 1e-9:
            raise ValueError(f"period_s must be a multiple of {PHYSICS_S} s, got {period_s}")
        self._desired: Array = robot.data.ctrl[:7].copy()
        self._trajectory: tuple[float, Array, float, Array] | None = None  # start time and joints, end time and joints
        self._pose: Pose | None = None
        self._finger = float(robot.data.ctrl[7])
        self._moved_s = 0.0  # time of the fingers' last motion
        self.now_s = 0.0

    def command_positions(self, positions: Sequence[float]) -> None:
        """Moves as forward_command_controller does: at once, whatever the distance."""
        self._check(positions)
        self._pose = self._trajectory = None
        self._desired = np.array(positions, dtype=float)

    def command_trajectory(self, positions: Sequence[float], seconds: float) -> None:
        """Moves as joint_trajectory_controller does with interpolate_from_desired_state: from the last setpoint."""
        self._check(positions)
        self._pose = None
        self._trajectory = (self.now_s, self._desired.copy(), self.now_s + seconds, np.array(positions, dtype=float))

    def command_pose(self, pose: Pose) -> None:
        """Moves as a Cartesian controller does. Roll and pitch are followed only if the task tilts the gripper."""
        if not all(map(math.isfinite, pose.six)):
            raise ValueError(f"the target pose is not finite: {pose}")
        self._trajectory, self._pose = None, pose

    def command_gripper(self, finger: float) -> None:
        """Moves each finger to this position [m]."""
        if not math.isfinite(finger):
            raise ValueError(f"the gripper's position is not finite: {finger}")
        self._finger, self._moved_s = min(max(finger, 0.0), MAX_WIDTH / 2), self.now_s

    def step(self) -> None:
        """Runs one control cycle."""
        data = self.robot.data
        self.now_s += self.period_s
        if self._pose is not None:
            self._desired = self.robot.kinematics.joint_target(data, self._pose)
        elif self._trajectory is not None:
            self._desired = self._sampled(*self._trajectory)
        data.ctrl[:7] = self._desired
        reach = FINGER_M_S * self.period_s
        data.ctrl[7] += float(np.clip(self._finger - data.ctrl[7], -reach, reach))
        mujoco.mj_step(self.robot.model, data, self._substeps)
        mujoco.mj_forward(self.robot.model, data)
        if abs(float(data.qvel[7])) > STALL_M_S:
            self._moved_s = self.now_s

    @property
    def finger(self) -> float:
        """Position of one finger [m]."""
        return float(self.robot.data.qpos[7])

    @property
    def gripper_reached(self) -> bool:
        """True when the fingers have reached their goal."""
        return abs(self.finger - self._finger) < 0.001

    @property
    def gripper_stalled(self) -> bool:
        """True when something stops the fingers short of their goal."""
        return not self.gripper_reached and self.now_s - self._moved_s > STALL_S

    def _sampled(self, began_s: float, start: Array, ends_s: float, end: Array) -> Array:
        part = 1.0 if ends_s <= began_s else min(1.0, (self.now_s - began_s) / (ends_s - began_s))
        return start + part * (end - start)

    def _check(self, positions: Sequence[float]) -> None:
        if len(positions) != 7 or not all(map(math.isfinite, positions)):
            raise ValueError(f"the controller needs 7 finite joint positions, got {list(positions)}")
