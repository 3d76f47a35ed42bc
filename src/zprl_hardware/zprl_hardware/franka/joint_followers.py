"""Two control laws that follow joint targets through franky, for the worker's thread only."""

from typing import Any

import numpy as np
import numpy.typing as npt

from zprl_control.safety.interpolator import JointInterpolator
from zprl_core.target import Target
from zprl_hardware.franka.arm_sample import ArmSample
from zprl_hardware.franka.config import FrankyConfig

Array = npt.NDArray[np.float64]

SAME = 1e-4  # a target this close to the one before is not sent again [rad]


class JointImpedanceFollower:
    """Pulls each joint to its target with a spring; spring and damper together exert at most `joint_torques`.

    A tracker that starts while another one drives the arm preempts it without a gap: both command torques.
    """

    in_joints = True

    def __init__(self, config: FrankyConfig, robot: Any, period_s: float):
        self._config, self._robot, self._period_s = config, robot, period_s
        self._stiffness = np.array(config.joint_stiffness)
        self._damping = 2.0 * np.sqrt(self._stiffness)  # critical for 1 kg m2
        self._tracker: Any = None
        self._interpolator: JointInterpolator | None = None

    def start(self) -> None:
        import franky

        self._tracker = franky.JointImpedanceTracker(
            self._robot, stiffness=self._stiffness, damping=self._damping, compensate_coriolis=True
        )

    def set_target(self, target: Target | None, sample: ArmSample) -> None:
        if target is None or target.joints is None:
            return
        if self._interpolator is None:
            self._interpolator = JointInterpolator(sample.joints, self._period_s)
        self._interpolator.towards(target.joints, sample.time_s)
        joints, speed = self._interpolator.at(sample.time_s)
        self._tracker.set_target(*self._bounded(np.array(joints), self._config.feed_forward * np.array(speed), sample))

    def stop(self) -> None:
        import franky

        self._robot.move(franky.TorqueStopMotion(), asynchronous=True)

    def _bounded(self, joints: Array, speed: Array, sample: ArmSample) -> tuple[Array, Array]:
        """Angles [rad] and speeds [rad/s] for springs and dampers, which keep each joint below its greatest torque."""
        torque, q, v = np.array(self._config.joint_torques), np.array(sample.joints), np.array(sample.joint_velocities)
        reach = torque / self._stiffness
        away = np.clip(joints - q, -reach, reach)
        left = (torque - self._stiffness * np.abs(away)) / self._damping  # what remains for the damper [rad/s]
        return q + away, v + np.clip(speed - v, -left, left)


class JointMotionFollower:
    """Plans a motion to each new target, which preempts the one before; the arm holds the last one."""

    in_joints = True

    def __init__(self, config: FrankyConfig, robot: Any):
        self._dynamics, self._robot = config.motion_dynamics, robot
        self._sent: tuple[float, ...] = ()

    def start(self) -> None:
        self._move(tuple(map(float, self._robot.state.q)))

    def set_target(self, target: Target | None, sample: ArmSample) -> None:
        if target is not None and target.joints is not None and not self._same(target.joints):
            self._move(target.joints)

    def stop(self) -> None:
        import franky

        self._robot.move(franky.JointStopMotion(self._dynamics), asynchronous=True)

    def _same(self, joints: tuple[float, ...]) -> bool:
        return max(abs(a - b) for a, b in zip(joints, self._sent, strict=True)) < SAME

    def _move(self, joints: tuple[float, ...]) -> None:
        import franky

        self._sent = joints
        motion = franky.JointMotion(list(joints), relative_dynamics_factor=self._dynamics, return_when_finished=False)
        self._robot.move(motion, asynchronous=True)
