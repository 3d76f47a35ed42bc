"""Arm driver for the simulated robot, without hardware or Franka's protocol."""

import time
from collections.abc import Callable
from typing import cast

import numpy as np

from zprl_control.driver import ArmState
from zprl_core.action import ArmTarget
from zprl_core.gripper_state import GripperMode, GripperState
from zprl_core.observation import Pose
from zprl_core.target import Target, Twist6, pose_from
from zprl_sim.contacts import ContactSensor
from zprl_sim.rendering import mujoco
from zprl_sim.robot import SimRobot
from zprl_sim.settings import CONTROL_S
from zprl_sim.sim_arm import MAX_WIDTH, START

RESET_SPEED = 0.1  # speed of the tool on its way to the start [m/s]
RESET_RAD = 0.4  # speed of each joint on its way to the start, after joint commands [rad/s]
THERE = 0.003  # [m, rad]
FINGER_M_S = 0.002  # speed above which a finger moves
MOVING = GripperState(GripperMode.MOVING)


class MujocoDriver:
    """Drives the simulated arm; every `read` advances it by a control step of 50 ms. The guards limit the tilt."""

    def __init__(self, robot: SimRobot, clock: Callable[[], float] = time.monotonic):
        self.robot, self._clock = robot, clock
        robot.arm.disable_limits()
        self._contact_sensor = ContactSensor(robot.model, robot.kinematics.site)
        self._jacobian = np.zeros((6, robot.model.nv))
        self._quaternion = np.zeros(4)
        self._target = ArmTarget(robot.kinematics.pose(robot.data), MAX_WIDTH)
        self._far: float | None = None  # initial distance to the start [m, rad]; None if no reset motion runs
        self._in_joints = False  # commands were in joints, so the elbow has moved too

    def connect(self) -> None:
        """Does nothing, because the simulation is always connected."""

    def read(self) -> ArmState:
        """Makes one control step and returns the state."""
        if self._far is not None:
            self._target = self._toward_start()
        self.robot.step(self._target)
        return self._state()

    def begin(self, target: Target) -> None:
        """Starts following targets."""
        if self._far is not None and self._left <= THERE:
            self._in_joints = False
        self._far = None
        self.set_target(target)

    def set_target(self, target: Target) -> None:
        """Replaces the target to follow."""
        x, y, z, roll, pitch, yaw = target.pose
        if target.joints is None:
            self._target = ArmTarget(Pose((x, y, z), yaw, roll, pitch), target.width)
        else:
            self._target, self._in_joints = ArmTarget(None, target.width, target.joints), True

    def halt(self) -> None:
        """Stops the arm in place."""
        self._far = None
        self._target = ArmTarget(self.robot.kinematics.pose(self.robot.data), self._target.width)

    def reset(self) -> None:
        """Starts the slow motion to the start, with an open gripper."""
        self._far = max(self._left, THERE)

    def progress(self) -> float:
        """Returns the progress of the reset motion, 0 to 1."""
        if self._far is None or self._left <= THERE:
            return 1.0
        return max(0.0, min(0.99, 1.0 - self._left / self._far))

    def home_gripper(self) -> None:
        """Does nothing, because the simulated gripper needs no homing."""

    def recover(self) -> None:
        """Does nothing, because the simulated arm has no faults."""

    def close(self) -> None:
        self.robot.close()

    @property
    def _left(self) -> float:
        """Distance to the start: of the tool, or of the joints after joint commands [m, rad]."""
        if self._in_joints:
            return float(np.max(np.abs(np.subtract(self.robot.home, self.robot.joint_positions[:7]))))
        here = self.robot.kinematics.pose(self.robot.data)
        return max(float(np.linalg.norm(np.subtract(START, here.position))), *map(abs, here.six[3:]))

    def _toward_start(self) -> ArmTarget:
        if self._in_joints:
            q, most = self.robot.joint_positions[:7], RESET_RAD * CONTROL_S
            joints = q + np.clip(np.subtract(self.robot.home, q), -most, most)
            return ArmTarget(None, MAX_WIDTH, tuple(joints.tolist()))
        here = self.robot.kinematics.pose(self.robot.data)
        way = np.subtract(START, here.position)
        step = way * min(1.0, RESET_SPEED * CONTROL_S / max(float(np.linalg.norm(way)), 1e-9))
        x, y, z = map(float, np.add(here.position, step))
        roll, pitch, yaw = (angle + float(np.clip(-angle, -0.05, 0.05)) for angle in here.six[3:])
        return ArmTarget(Pose((x, y, z), yaw, roll, pitch), MAX_WIDTH)

    def _state(self) -> ArmState:
        robot, site = self.robot, self.robot.kinematics.site
        mujoco.mj_jacSite(robot.model, robot.data, self._jacobian[:3], self._jacobian[3:], site)
        mujoco.mju_mat2Quat(self._quaternion, robot.data.site_xmat[site])
        w, qx, qy, qz = self._quaternion.tolist()
        x, y, z = robot.data.site_xpos[site].tolist()
        moving = abs(float(robot.joint_velocities[7])) > FINGER_M_S
        return ArmState(
            read_s=self._clock(),
            joints=tuple(robot.joint_positions[:7].tolist()),
            joint_velocities=tuple(robot.joint_velocities[:7].tolist()),
            pose=pose_from((x, y, z), (qx, qy, qz, w)),
            twist=_six(self._jacobian @ robot.data.qvel),
            wrench=_six(self._contact_sensor.read(robot.data)[1]),
            width=robot.width,
            gripper=MOVING if moving else GripperState(),
        )


def _six(values: np.ndarray) -> Twist6:
    return cast(Twist6, tuple(values.tolist()))
