"""Three control laws that follow tool targets through franky, for the worker's thread only.

A franky motion is used once. An asynchronous motion preempts the one before; its errors surface later, when the worker
reads the state.
"""

import time
from dataclasses import replace
from typing import Any, Protocol, cast

import numpy as np

from zprl_control.safety.interpolator import SetpointInterpolator, bounded, rotation_between
from zprl_core.target import Pose6, Quaternion, Target, Twist6, quaternion
from zprl_hardware.franka.arm_sample import ArmSample
from zprl_hardware.franka.config import Control, FrankyConfig
from zprl_hardware.franka.conversions import affine, pose_from_franky
from zprl_hardware.franka.joint_followers import JointImpedanceFollower, JointMotionFollower

VELOCITY_S = 0.02  # time between two velocity commands
BRAKE_MS = 100  # the arm brakes by itself this long after the last velocity command
SAME = 1e-4  # a target this close to the one before is not sent again [m, rad]
FOR_LONG_MS = 24 * 3600 * 1000
POSTURE, POSTURE_TORQUE = 10.0, 5.0  # null-space pull of the elbow towards home [N m/rad, N m]


class Follower(Protocol):
    """Drives the arm from `start` until the motion of `stop` has ended."""

    in_joints: bool  # True: follows joint targets; False: tool targets

    def start(self) -> None:
        """Take control, and hold the arm where it is."""

    def set_target(self, target: Target | None, sample: ArmSample) -> None:
        """Set the target, many times a second; None when no target has arrived recently."""

    def stop(self) -> None:
        """Start to brake; control ends by itself soon after."""


def make_follower(config: FrankyConfig, robot: Any, period_s: float, in_joints: bool = False) -> Follower:
    """Make the follower that `config.control` selects.

    `period_s`: time from one target to the next. `in_joints`: targets are joint angles.
    """
    if in_joints:
        soft = config.control == Control.IMPEDANCE
        return JointImpedanceFollower(config, robot, period_s) if soft else JointMotionFollower(config, robot)
    match config.control:
        case Control.IMPEDANCE:
            return ImpedanceFollower(config, robot, period_s)
        case Control.POSE:
            return PoseFollower(config, robot)
        case Control.VELOCITY:
            return VelocityFollower(config, robot)


class ImpedanceFollower:
    """Pulls the tool to the target with springs, whose error clip bounds the force.

    A target holds until the next one. The target's own velocity is fed forward, so the dampers resist only what
    differs from it; without feed-forward the tool lags by damping / stiffness, 0.16 s. Springs and feed-forward
    together pull no harder than the springs at their error clip.
    """

    in_joints = False

    def __init__(self, config: FrankyConfig, robot: Any, period_s: float):
        self._config, self._robot, self._period_s = config, robot, period_s
        self._tracker: Any = None
        self._interpolator: SetpointInterpolator | None = None

    def start(self) -> None:
        import franky

        c = self._config
        self._tracker = franky.CartesianImpedanceTracker(
            self._robot,
            translational_stiffness=c.translational_stiffness,
            rotational_stiffness=c.rotational_stiffness,
            damping=np.repeat(c.dampings, 3),
            translational_error_clip=np.full(3, c.error_clip_m),
            rotational_error_clip=np.full(3, c.error_clip_rad),
            posture_task=franky.PostureTask(np.array(c.home), POSTURE, max_torque=POSTURE_TORQUE),
        )

    def set_target(self, target: Target | None, sample: ArmSample) -> None:
        import franky

        if target is None:
            return
        if self._interpolator is None:
            self._interpolator = SetpointInterpolator(target.pose, self._period_s)
        self._interpolator.towards(target.pose, sample.time_s)
        setpoint = self._interpolator.at(sample.time_s)
        fed = replace(setpoint, twist=cast(Twist6, tuple(self._config.feed_forward * v for v in setpoint.twist)))
        sent = bounded(fed, sample.pose, self._config.reach)
        self._tracker.set_target(affine(sent.pose), franky.Twist(np.array(sent.twist[:3]), np.array(sent.twist[3:])))

    def stop(self) -> None:
        import franky

        self._robot.move(franky.TorqueStopMotion(), asynchronous=True)


class PoseFollower:
    """Plans a motion to each new target, which preempts the one before; the arm holds the last one.

    Each plan starts with a jerk, so a target that equals the one before starts none.
    """

    in_joints = False

    def __init__(self, config: FrankyConfig, robot: Any):
        self._dynamics, self._robot = config.motion_dynamics, robot
        self._sent: Pose6 | None = None

    def start(self) -> None:
        here = self._robot.current_pose.end_effector_pose
        self._sent = pose_from_franky(here)
        self._move(here)

    def set_target(self, target: Target | None, sample: ArmSample) -> None:
        if target is not None and not same(target.pose, self._sent):
            self._sent = target.pose
            self._move(affine(target.pose))

    def stop(self) -> None:
        import franky

        self._robot.move(franky.CartesianStopMotion(self._dynamics), asynchronous=True)

    def _move(self, pose: Any) -> None:
        import franky

        motion = franky.CartesianMotion(pose, relative_dynamics_factor=self._dynamics, return_when_finished=False)
        self._robot.move(motion, asynchronous=True)


def same(pose: Pose6, sent: Pose6 | None) -> bool:
    """True when `pose` equals the pose that was sent last, within SAME."""
    return sent is not None and max(abs(p - s) for p, s in zip(pose, sent, strict=True)) < SAME


class VelocityFollower:
    """Commands a velocity proportional to the distance to the target; the arm brakes when commands stop."""

    in_joints = False

    def __init__(self, config: FrankyConfig, robot: Any):
        self._config, self._robot = config, robot
        self._next_s = 0.0

    def start(self) -> None:
        self._move(np.zeros(6))

    def set_target(self, target: Target | None, sample: ArmSample) -> None:
        now = time.monotonic()
        if now < self._next_s:
            return
        self._next_s = now + VELOCITY_S
        if target is None:
            self._move(np.zeros(6))
            return
        self._move(speed_towards(target, np.array(sample.pose[:3]), quaternion(sample.pose), self._config))

    def stop(self) -> None:
        import franky

        self._robot.move(franky.CartesianVelocityStopMotion(self._config.motion_dynamics), asynchronous=True)

    def _move(self, speed: Any) -> None:
        import franky

        point = franky.CartesianVelocityWaypoint
        move = point(franky.Twist(speed[:3], speed[3:]), hold_target_duration=franky.Duration(BRAKE_MS))
        rest = point(franky.Twist(np.zeros(3), np.zeros(3)), hold_target_duration=franky.Duration(FOR_LONG_MS))
        dynamics = self._config.motion_dynamics
        motion = franky.CartesianVelocityWaypointMotion([move, rest], relative_dynamics_factor=dynamics)
        self._robot.move(motion, asynchronous=True)


def speed_towards(target: Target, position: Any, orientation: Quaternion, config: FrankyConfig) -> Any:
    """Return the velocity (6,) towards the target [m/s, rad/s], in the base frame; clipping keeps its direction."""
    distance = np.subtract(target.pose[:3], position)
    rotation = rotation_between(orientation, quaternion(target.pose))
    gain = config.velocity_gain
    linear = _clipped(gain * distance, config.velocity_limit_m)
    return np.concatenate([linear, _clipped(gain * rotation, config.velocity_limit_rad)])


def _clipped(vector: Any, most: float) -> Any:
    length = float(np.linalg.norm(vector))
    return vector * (most / length) if length > most else vector
