"""The simulated robot as an arm to be driven: the backend without hardware, without Franka's protocol."""

import time
from collections.abc import Callable
from typing import cast

import numpy as np

from zprl_control.driver import ArmState
from zprl_core.action import ArmTarget
from zprl_core.observation import Pose
from zprl_core.target import Target, Twist6, pose_from
from zprl_sim.contacts import ContactSensor
from zprl_sim.rendering import mujoco
from zprl_sim.robot import SimRobot
from zprl_sim.settings import CONTROL_S
from zprl_sim.sim_arm import MAX_WIDTH, START

RESET_SPEED = 0.1  # of the tool on its way to the start [m/s]
THERE_M = 0.003


class MujocoDriver:
    """One control step of 50 ms passes with every `read`. The hand points down: roll and pitch are not followed."""

    def __init__(self, robot: SimRobot, clock: Callable[[], float] = time.monotonic):
        self.robot, self._clock = robot, clock
        self._contact_sensor = ContactSensor(robot.model, robot.kinematics.site)
        self._jacobian = np.zeros((6, robot.model.nv))
        self._quaternion = np.zeros(4)
        self._target = ArmTarget(robot.kinematics.pose(robot.data), MAX_WIDTH)
        self._far: float | None = None  # how long the way to the start was [m]; None when it is not gone

    def connect(self) -> None:
        """It is always there."""

    def read(self) -> ArmState:
        """The state after one more control step."""
        if self._far is not None:
            self._target = self._towards_start()
        self.robot.step(self._target)
        return self._state()

    def begin(self, target: Target) -> None:
        """Follow targets from now on."""
        self._far = None
        self.set_target(target)

    def set_target(self, target: Target) -> None:
        """The newest target."""
        self._target = ArmTarget(Pose(target.pose[:3], target.pose[5]), target.width)

    def halt(self) -> None:
        """Stay where it is."""
        self._far = None
        self._target = ArmTarget(self.robot.kinematics.pose(self.robot.data), self._target.width)

    def reset(self) -> None:
        """Begin the slow motion to the start, with an open gripper."""
        self._far = max(self._left, THERE_M)

    def progress(self) -> float:
        """Of the reset motion."""
        if self._far is None or self._left <= THERE_M:
            return 1.0
        return max(0.0, min(0.99, 1.0 - self._left / self._far))

    def recover(self) -> None:
        """It has no faults of its own."""

    def close(self) -> None:
        self.robot.close()

    @property
    def _left(self) -> float:
        return float(np.linalg.norm(np.subtract(START, self.robot.kinematics.pose(self.robot.data).position)))

    def _towards_start(self) -> ArmTarget:
        here = self.robot.kinematics.pose(self.robot.data)
        way = np.subtract(START, here.position)
        step = way * min(1.0, RESET_SPEED * CONTROL_S / max(float(np.linalg.norm(way)), 1e-9))
        x, y, z = map(float, np.add(here.position, step))
        turn = float(np.clip(-here.yaw, -0.05, 0.05))
        return ArmTarget(Pose((x, y, z), here.yaw + turn), MAX_WIDTH)

    def _state(self) -> ArmState:
        robot, site = self.robot, self.robot.kinematics.site
        mujoco.mj_jacSite(robot.model, robot.data, self._jacobian[:3], self._jacobian[3:], site)
        mujoco.mju_mat2Quat(self._quaternion, robot.data.site_xmat[site])
        w, qx, qy, qz = self._quaternion.tolist()
        x, y, z = robot.data.site_xpos[site].tolist()
        return ArmState(
            read_s=self._clock(),
            joints=tuple(robot.joint_positions[:7].tolist()),
            joint_velocities=tuple(robot.joint_velocities[:7].tolist()),
            pose=pose_from((x, y, z), (qx, qy, qz, w)),
            twist=_six(self._jacobian @ robot.data.qvel),
            wrench=_six(self._contact_sensor.felt(robot.data)[1]),
            width=robot.width,
        )


def _six(values: np.ndarray) -> Twist6:
    return cast(Twist6, tuple(values.tolist()))
