"""Converts targets into the values that the configured controller takes, and sends them."""

from typing import cast

import numpy as np

from zprl_control.safety.checks import Refused
from zprl_control.safety.interpolator import SLACK
from zprl_core.geometry import matrix_from
from zprl_core.target import Pose6, Target, quaternion
from zprl_hardware.ros2_control.config import CommandInterface, Ros2ControlConfig
from zprl_hardware.ros2_control.link import ControllerLink
from zprl_hardware.ros2_control.measurements import Measured, Measurements
from zprl_hardware.ros2_control.motion import Motion, Values


class Commander:
    """Sends joint angles [rad] to joint controllers, and poses as in Target to Cartesian ones."""

    def __init__(self, config: Ros2ControlConfig, measured: Measurements, link: ControllerLink, period_s: float):
        """`period_s`: time from one target to the next."""
        self.config, self._measured, self._link = config, measured, link
        self.in_joints = config.command_interface.in_joints
        self._trajectory = config.command_interface is CommandInterface.JOINT_TRAJECTORY
        # A trajectory controller interpolates: it gets fewer commands, each for a moment later.
        self._ahead_s = SLACK * period_s if self._trajectory else 0.0
        self._every_s = 0.9 * period_s if self._trajectory else 0.0
        self._due_s = float("-inf")
        self.sent: Values | None = None  # the newest values sent
        self.remaining = 0.0  # distance of the newest tool target from the pose that the joints reach [m, rad]

    def here(self, now: Measured) -> Values:
        """The measured values."""
        return now.joints if self.in_joints else now.pose

    def values(self, target: Target, near: Values) -> Values:
        """The values of a target; `near`: the values before it. Raises Refused when the controller cannot follow it."""
        joints = target.joints
        if not self.in_joints and joints is not None:
            raise Refused("joints", NO_JOINTS)
        if not self.in_joints:
            return target.pose
        if joints is not None:
            if len(joints) != len(self.config.joints) or not np.isfinite(joints).all():
                raise Refused(
                    "joints",
                    f"a target has the joints {joints}, ros2_control.joints names {len(near)}: give one for each",
                )
            self.remaining = 0.0
            return joints
        chain = self._measured.chain()
        if chain is None:
            raise Refused("joints", NO_URDF)
        solved, self.remaining = chain.solve(np.array(near), _matrix(target.pose))
        return tuple(solved.tolist())

    def stream(self, motion: Motion, now_s: float) -> None:
        """Sends the setpoint of `motion` when it is due."""
        if now_s >= self._due_s:
            self._due_s = now_s + self._every_s
            self.send(motion.at(now_s + self._ahead_s))

    def send(self, values: Values) -> None:
        """Sends one command now."""
        self.sent = values
        if not self.in_joints:
            pose = cast(Pose6, values)
            self._link.send_pose(pose[:3], quaternion(pose))
        elif self._trajectory:
            self._link.send_trajectory(values, self._ahead_s)
        else:
            self._link.send_positions(values)


NO_URDF = (
    "the target is a tool pose, but the controller takes joints and there is no URDF; set ros2_control.urdf_source to "
    "topic or file, or ros2_control.command_interface to cartesian"
)
NO_JOINTS = (
    "the target is joints, but the controller takes tool poses; set ros2_control.command_interface to "
    "forward_position or joint_trajectory"
)


def _matrix(pose: Pose6) -> np.ndarray:
    return matrix_from(pose[:3], quaternion(pose))
