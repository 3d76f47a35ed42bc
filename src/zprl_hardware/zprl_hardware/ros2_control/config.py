"""Parameters of the `ros2_control` driver, checked when they are read."""

import math
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated

from zprl_core.arm_model import FR3
from zprl_core.config.metadata import Range, check_ranges, up_to
from zprl_core.target import Pose6


class CommandInterface(Enum):
    """Kind of the controller that takes the commands."""

    FORWARD_POSITION = "forward_position"  # forward_command_controller, std_msgs/Float64MultiArray
    JOINT_TRAJECTORY = "joint_trajectory"  # joint_trajectory_controller, trajectory_msgs/JointTrajectory
    CARTESIAN = "cartesian"  # a controller that follows geometry_msgs/PoseStamped, as CRISP's

    @property
    def in_joints(self) -> bool:
        """True when the controller takes joint positions."""
        return self is not CommandInterface.CARTESIAN


class ToolSource(Enum):
    """Source of the measured pose of the tool."""

    POSE_TOPIC = "pose_topic"
    TF = "tf"
    URDF = "urdf"  # forward kinematics of the measured joints


class UrdfSource(Enum):
    """Source of the robot's URDF."""

    NONE = "none"
    TOPIC = "topic"
    FILE = "file"


class GripperInterface(Enum):
    """Type of the action that moves the gripper."""

    NONE = "none"
    GRIPPER_COMMAND = "gripper_command"  # control_msgs/action/GripperCommand
    PARALLEL_GRIPPER_COMMAND = "parallel_gripper_command"  # control_msgs/action/ParallelGripperCommand


@dataclass(frozen=True)
class Ros2ControlConfig:
    """Parameters under `ros2_control`; field names are parameter names. Units: meters, radians, seconds.

    A topic, service or action name that begins with / is absolute.
    """

    joints: Annotated[tuple[str, ...], "joints of the arm, in the order of the controller's own `joints`"] = FR3.joints
    joint_states: Annotated[str, "topic with the measured joints (sensor_msgs/JointState)"] = "/joint_states"
    command_interface: Annotated[CommandInterface, "forward_position, joint_trajectory or cartesian"] = (
        CommandInterface.FORWARD_POSITION
    )
    controller: Annotated[
        str, "name of the joint controller; commands go to its topic commands or joint_trajectory"
    ] = "/forward_position_controller"
    joint_targets: Annotated[bool, "true: commands are joints, so a joint controller needs no URDF"] = False
    target_pose: Annotated[str, "topic of the Cartesian controller (geometry_msgs/PoseStamped)"] = "/target_pose"
    stream_rate: Annotated[float, "forward_position, cartesian: commands per second [Hz]", Range(20, 1000)] = 100.0
    simulated: Annotated[bool, "true: no real robot moves, which allows enable_at_start"] = False
    base_frame: Annotated[str, "frame of all poses, also of a Cartesian controller's targets"] = FR3.base_frame
    tool_frame: Annotated[str, "frame or link of the tool, z pointing out of the fingers"] = FR3.tool_frame
    tool_source: Annotated[ToolSource, "source of the measured tool pose: pose_topic, tf or urdf"] = ToolSource.TF
    current_pose: Annotated[str, "topic with the measured tool pose (geometry_msgs/PoseStamped)"] = "/current_pose"
    wrench: Annotated[str, "topic with the external wrench (geometry_msgs/WrenchStamped); empty: no contact guard"] = ""
    urdf_source: Annotated[UrdfSource, "none, topic or file; needed for Cartesian targets to a joint controller"] = (
        UrdfSource.NONE
    )
    urdf_topic: Annotated[str, "topic of the URDF (std_msgs/String, latched)"] = "/robot_description"
    urdf_file: Annotated[str, "path of the URDF, without xacro macros"] = ""
    joint_speed: Annotated[float, "greatest speed of a commanded joint [rad/s]", Range(0.01, 6.3)] = 1.0
    follow_error: Annotated[float, "greatest distance of a joint from its command [rad]", Range(0.01, 3.2)] = 0.3
    follow_s: Annotated[float, "time beyond follow_error after which the arm stops [s]", Range(0.05, 10)] = 0.5
    home_joints: Annotated[tuple[float, ...], "joint controllers: joint angles that a reset moves to [rad]"] = FR3.home
    home_pose: Annotated[Pose6, "cartesian: tool pose that a reset moves to [m, rad]; angles of 0 point down"] = (
        0.45, 0.0, 0.22, 0.0, 0.0, 0.0,
    )  # fmt: skip
    reset_speed: Annotated[float, "greatest joint speed in a reset [rad/s]", Range(0.01, 1)] = 0.3
    reset_speed_m: Annotated[float, "cartesian: greatest speed of the tool in a reset [m/s]", Range(0.01, 0.25)] = 0.1
    reset_tolerance: Annotated[float, "distance from home that counts as arrived [rad or m]", Range(0.001, 0.2)] = 0.02
    settle_s: Annotated[float, "time allowed to arrive after the reset motion has ended [s]", Range(0.1, 60)] = 5.0
    silence_s: Annotated[float, "age of joint states or tool pose at which the arm stops [s]", Range(0.01, 1)] = 0.15
    lost_s: Annotated[float, "age at which the arm counts as disconnected [s]", Range(0.1, 60)] = 2.0
    gripper: Annotated[GripperInterface, "none, gripper_command or parallel_gripper_command"] = GripperInterface.NONE
    gripper_action: Annotated[str, "name of the gripper's action"] = "/gripper_controller/gripper_cmd"
    gripper_joint: Annotated[str, "joint in joint_states that measures the gripper"] = FR3.fingers[0]
    gripper_open: Annotated[float, "its position when the gripper is open [m or rad]"] = 0.04
    gripper_closed: Annotated[float, "its position when the gripper is closed [m or rad]"] = 0.0
    gripper_width: Annotated[float, "opening of the open gripper [m]", up_to(0.5)] = 0.08
    gripper_effort: Annotated[float, "greatest effort [N or N m]; 0: the controller's default", Range(0, 1000)] = 30.0
    gripper_change: Annotated[float, "smallest change that is sent as a new goal [m]", up_to(0.5)] = 0.004
    binary_gripper: Annotated[bool, "true: the gripper only opens and closes"] = True

    def __post_init__(self) -> None:
        self._check_joints()
        self._check_frames()
        check_ranges(self, "ros2_control.")
        if not self.silence_s < self.lost_s:
            raise ValueError(f"silence_s must be below lost_s, got {self.silence_s:g} and {self.lost_s:g}")
        if self.gripper is not GripperInterface.NONE:
            self._check_gripper()

    @property
    def command_topic(self) -> str:
        """Topic that the controller subscribes to."""
        if self.command_interface is CommandInterface.CARTESIAN:
            return self.target_pose
        forward = self.command_interface is CommandInterface.FORWARD_POSITION
        return f"{self.controller}/{'commands' if forward else 'joint_trajectory'}"

    @property
    def streams_solved_joints(self) -> bool:
        """True when Cartesian targets can be converted into joint targets."""
        return self.command_interface.in_joints and self.urdf_source is not UrdfSource.NONE

    def _check_joints(self) -> None:
        if not self.joints or not all(self.joints):
            raise ValueError("joints is empty; name the arm's joints in the order of its controller's `joints`")
        twice = sorted({name for name in self.joints if self.joints.count(name) > 1})
        if twice:
            raise ValueError(f"joints lists {', '.join(twice)} twice; name each joint once")
        if len(self.home_joints) != len(self.joints):
            raise ValueError(
                f"home_joints has {len(self.home_joints)} angles, joints names {len(self.joints)}; give one for each"
            )
        if not all(map(math.isfinite, (*self.home_joints, *self.home_pose))):
            raise ValueError(f"home_joints and home_pose must be finite, got {self.home_joints} and {self.home_pose}")

    def _check_frames(self) -> None:
        for name in ("joint_states", "controller", "target_pose", "base_frame", "tool_frame", "current_pose"):
            if not getattr(self, name):
                raise ValueError(f"{name} is empty; give it a name, the default is {getattr(Ros2ControlConfig, name)}")
        if self.tool_source is ToolSource.URDF and self.urdf_source is UrdfSource.NONE:
            raise ValueError("tool_source is urdf, but urdf_source is none; set urdf_source to topic or file")
        if self.urdf_source is UrdfSource.FILE and not self.urdf_file:
            raise ValueError("urdf_source is file, but urdf_file is empty; give the path of a URDF, or set it to topic")

    def _check_gripper(self) -> None:
        if not self.gripper_action or not self.gripper_joint:
            raise ValueError("gripper_action or gripper_joint is empty; name both, or set gripper to none")
        if self.gripper_joint in self.joints:
            raise ValueError(f"gripper_joint {self.gripper_joint} is one of the arm's joints; name the gripper's own")
        if not math.isfinite(self.gripper_open) or not math.isfinite(self.gripper_closed):
            raise ValueError("gripper_open and gripper_closed must be finite")
        if self.gripper_open == self.gripper_closed:
            raise ValueError(
                f"gripper_open and gripper_closed are both {self.gripper_open:g}; give the joint's positions of the "
                f"open and of the closed gripper, as joint_states shows them"
            )
        if not self.gripper_change < self.gripper_width:
            raise ValueError(
                f"gripper_change must be below gripper_width, got {self.gripper_change:g} and {self.gripper_width:g} m"
            )


@dataclass(frozen=True)
class Ros2ControlSettings:
    """Parameters of the node besides those of any arm node; field names are parameter names."""

    ros2_control: Ros2ControlConfig = field(default_factory=Ros2ControlConfig)
