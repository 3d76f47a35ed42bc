"""Combines the newest messages of the robot's topics into one state of the arm."""

import math
from dataclasses import dataclass
from typing import cast

import numpy as np

from zprl_control.driver import ArmLost
from zprl_control.safety.interpolator import rotation_between
from zprl_core.frame_tree import FrameError, FrameTree
from zprl_core.geometry import Matrix, position_from, quaternion_from
from zprl_core.target import Pose6, pose_from
from zprl_hardware.ros2_control.chain import KinematicChain, read_chain
from zprl_hardware.ros2_control.config import GripperInterface, Ros2ControlConfig, ToolSource, UrdfSource
from zprl_hardware.ros2_control.joint_states import JointStates

STILL: Pose6 = (0.0,) * 6
SMOOTH, LONGEST_S = 0.5, 0.5  # for a twist from two poses, as in joint_states


@dataclass(frozen=True)
class Stamped:
    """A pose or a wrench in a frame."""

    frame: str
    received_s: float  # arrival, on the driver's clock
    matrix: Matrix  # (4, 4) pose; of a wrench (2, 3) force [N] and torque [N m]


@dataclass(frozen=True)
class Measured:
    """One state of the arm. Base frame; meters, radians, seconds, newtons."""

    joints: tuple[float, ...]
    velocities: tuple[float, ...]
    tool: Matrix  # (4, 4)
    twist: Pose6
    wrench: Pose6  # zeros where no wrench topic is configured
    read_s: float  # arrival of its oldest part
    oldest: str  # the topic of that part

    @property
    def pose(self) -> Pose6:
        """The tool's pose, as in Target."""
        return _pose_from(self.tool)


class Measurements:
    """The newest messages; callbacks write them and the control loop reads them, on one thread."""

    def __init__(self, config: Ros2ControlConfig):
        self.config = config
        self.joint_states = JointStates(config.joint_states)
        self.frames = FrameTree()
        self.pose: Stamped | None = None
        self.wrench: Stamped | None = None
        self.description = ""  # the URDF, once received or read
        self._chain: KinematicChain | None = None
        self._before: tuple[float, Matrix] | None = None  # arrival and pose that the last twist was computed from
        self._twist: Pose6 = STILL

    def chain(self) -> KinematicChain | None:
        """The arm's kinematics; None without a URDF. Raises ArmLost while it is missing, or does not fit."""
        c = self.config
        if c.urdf_source is UrdfSource.NONE or self._chain is not None:
            return self._chain
        if not self.description:
            raise ArmLost(
                f"no robot description on {c.urdf_topic} yet; start robot_state_publisher, or set "
                f"ros2_control.urdf_source to file"
            )
        try:
            self._chain = read_chain(self.description, c.base_frame, c.tool_frame, c.joints, c.home_joints)
        except ValueError as error:
            raise ArmLost(str(error)) from None
        return self._chain

    def tool_at(self, joints: tuple[float, ...]) -> Pose6:
        """The tool's pose at these joints [rad], from the URDF."""
        chain = self.chain()
        assert chain is not None, "there is no URDF: set urdf_source"
        return _pose_from(chain.pose(np.array(joints)))

    def look(self) -> Measured:
        """The newest state. Raises ArmLost when a part of it was never received, or is not a number."""
        joints = self.joint_states.joints(self.config.joints)
        q = tuple(joint.position for joint in joints)
        joints_s = min(joint.received_s for joint in joints)
        tool, tool_s, topic = self._tool(q, joints_s)
        ages = [(joints_s, self.config.joint_states), (tool_s, topic)]
        wrench = STILL
        if self.config.wrench:
            wrench, wrench_s = self._base_wrench(tool)
            ages.append((wrench_s, self.config.wrench))
        read_s, oldest = min(ages)
        velocities = tuple(joint.velocity for joint in joints)
        return Measured(q, velocities, tool, self._tool_twist(tool, tool_s), wrench, read_s, oldest)

    def width(self) -> float | None:
        """Opening of the gripper [m]; None without one. Raises ArmLost when its joint was never received."""
        c = self.config
        if c.gripper is GripperInterface.NONE:
            return None
        q = self.joint_states.joint(c.gripper_joint).position
        return max(0.0, c.gripper_width * (q - c.gripper_closed) / (c.gripper_open - c.gripper_closed))

    def _tool(self, q: tuple[float, ...], joints_s: float) -> tuple[Matrix, float, str]:
        """The tool's pose, its arrival, and its topic."""
        c = self.config
        if c.tool_source is ToolSource.TF:
            try:
                return *self.frames.lookup(c.base_frame, c.tool_frame), "/tf"
            except FrameError as error:
                settings = "ros2_control.base_frame, ros2_control.tool_frame and ros2_control.tool_source"
                raise ArmLost(f"{error}; check {settings}") from None
        if c.tool_source is ToolSource.URDF:
            chain = self.chain()
            assert chain is not None
            return chain.pose(np.array(q)), joints_s, c.joint_states
        if self.pose is None:
            raise ArmLost(
                f"no tool pose on {c.current_pose} yet; start its broadcaster, or set "
                f"ros2_control.current_pose or ros2_control.tool_source"
            )
        if self.pose.frame and self.pose.frame != c.base_frame:
            raise ArmLost(
                f"{c.current_pose} is in the frame {self.pose.frame}, ros2_control.base_frame is {c.base_frame}; set "
                f"base_frame to the broadcaster's frame"
            )
        return self.pose.matrix, self.pose.received_s, c.current_pose

    def _base_wrench(self, tool: Matrix) -> tuple[Pose6, float]:
        """The wrench in the base frame; a sensor's frame is assumed to be oriented as the tool's."""
        c = self.config
        if self.wrench is None:
            raise ArmLost(f"no wrench on {c.wrench} yet; start its broadcaster, or set ros2_control.wrench to ''")
        values = self.wrench.matrix
        if not np.isfinite(values).all():
            raise ArmLost(f"{c.wrench} is not finite; wait for the sensor, or set ros2_control.wrench to ''")
        if self.wrench.frame != c.base_frame:
            values = values @ tool[:3, :3].T
        return cast(Pose6, tuple(values.ravel().tolist())), self.wrench.received_s

    def _tool_twist(self, tool: Matrix, received_s: float) -> Pose6:
        """The tool's twist, from its last two poses."""
        before = self._before
        if before is not None and received_s == before[0]:
            return self._twist
        self._before = (received_s, tool)
        if before is None or not 0.0 < received_s - before[0] < LONGEST_S or not math.isfinite(received_s):
            self._twist = STILL
            return STILL
        turn = rotation_between(quaternion_from(before[1]), quaternion_from(tool))
        rate = np.concatenate([tool[:3, 3] - before[1][:3, 3], turn]) / (received_s - before[0])
        self._twist = cast(Pose6, tuple(((1.0 - SMOOTH) * np.array(self._twist) + SMOOTH * rate).tolist()))
        return self._twist


def _pose_from(tool: Matrix) -> Pose6:
    return pose_from(position_from(tool), quaternion_from(tool))
