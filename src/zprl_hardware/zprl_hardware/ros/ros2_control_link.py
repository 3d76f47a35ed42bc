"""The robot's topics: subscriptions that fill `Measurements`, and the publisher of the commands."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from builtin_interfaces.msg import Duration
from geometry_msgs.msg import PoseStamped, WrenchStamped
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64MultiArray, String
from tf2_msgs.msg import TFMessage
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from zprl_core.geometry import Matrix, Position, Quaternion, matrix_from
from zprl_core.ros import topics
from zprl_core.ros.conversions import ns_from
from zprl_hardware.ros.gripper_client import GripperClient
from zprl_hardware.ros2_control.config import (
    CommandInterface,
    GripperInterface,
    Ros2ControlConfig,
    ToolSource,
    UrdfSource,
)
from zprl_hardware.ros2_control.link import GripperStatus
from zprl_hardware.ros2_control.measurements import Measurements, Stamped

STATE = QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT)  # receives from reliable publishers too
LATCHED = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)
COMMANDS = QoSProfile(depth=1)
MESSAGES = {
    CommandInterface.FORWARD_POSITION: Float64MultiArray,
    CommandInterface.JOINT_TRAJECTORY: JointTrajectory,
    CommandInterface.CARTESIAN: PoseStamped,
}


class Ros2ControlLink:
    """Implements ControllerLink on a node, whose callbacks run on the driver's thread."""

    def __init__(self, node: Node, config: Ros2ControlConfig, measured: Measurements):
        self.config, self._measured, self._node = config, measured, node
        self._commands = node.create_publisher(MESSAGES[config.command_interface], config.command_topic, COMMANDS)
        self._gripper = GripperClient(node, config) if config.gripper is not GripperInterface.NONE else None
        node.create_subscription(JointState, config.joint_states, self._on_joints, STATE)
        if config.wrench:
            node.create_subscription(WrenchStamped, config.wrench, self._on_wrench, STATE)
        if config.tool_source is ToolSource.POSE_TOPIC:
            node.create_subscription(PoseStamped, config.current_pose, self._on_pose, STATE)
        if config.tool_source is ToolSource.TF:
            topics.TF.subscribe(node, lambda m: self._on_transforms(m, False), STATE)
            topics.TF_STATIC.subscribe(node, lambda m: self._on_transforms(m, True), LATCHED)
        if config.urdf_source is UrdfSource.TOPIC:
            node.create_subscription(String, config.urdf_topic, self._on_description, LATCHED)

    @property
    def listeners(self) -> int:
        """Number of subscriptions on the command topic."""
        return int(self._commands.get_subscription_count())

    @property
    def gripper(self) -> GripperStatus:
        """State of the gripper's action."""
        return self._gripper.status if self._gripper is not None else GripperStatus()

    def send_positions(self, positions: Sequence[float]) -> None:
        """Sends joint positions [rad] to a forward_command_controller."""
        self._commands.publish(Float64MultiArray(data=list(positions)))

    def send_trajectory(self, positions: Sequence[float], seconds: float) -> None:
        """Sends one point to a joint_trajectory_controller. A stamp of 0 means from now on, whatever the clocks."""
        after = Duration(sec=int(seconds), nanosec=round(seconds % 1.0 * 1e9))
        point = JointTrajectoryPoint(positions=list(positions), time_from_start=after)
        self._commands.publish(JointTrajectory(joint_names=list(self.config.joints), points=[point]))

    def send_pose(self, position: Position, quaternion: Quaternion) -> None:
        """Sends a pose to a Cartesian controller."""
        message = PoseStamped()
        message.header.frame_id = self.config.base_frame
        message.header.stamp = self._node.get_clock().now().to_msg()
        p, q = message.pose.position, message.pose.orientation
        p.x, p.y, p.z = position
        q.x, q.y, q.z, q.w = quaternion
        self._commands.publish(message)

    def send_gripper(self, position: float, effort: float) -> None:
        """Sends a goal."""
        if self._gripper is not None:
            self._gripper.send(position, effort)

    def forget_gripper(self) -> None:
        """Forgets why the newest goal failed."""
        if self._gripper is not None:
            self._gripper.forget()

    def cancel_gripper(self) -> None:
        """Cancels the goal that is being followed."""
        if self._gripper is not None:
            self._gripper.cancel()

    def _on_joints(self, m: JointState) -> None:
        stamp_s = ns_from(m.header.stamp) * 1e-9
        self._measured.joint_states.update(m.name, m.position, m.velocity, stamp_s, time.monotonic())

    def _on_pose(self, m: PoseStamped) -> None:
        matrix = _matrix(m.pose.position, m.pose.orientation)
        if matrix is not None:
            self._measured.pose = Stamped(m.header.frame_id, time.monotonic(), matrix)

    def _on_wrench(self, m: WrenchStamped) -> None:
        rows = [(part.x, part.y, part.z) for part in (m.wrench.force, m.wrench.torque)]
        self._measured.wrench = Stamped(m.header.frame_id, time.monotonic(), np.array(rows))

    def _on_transforms(self, m: TFMessage, static: bool) -> None:
        received_s = time.monotonic()
        for t in m.transforms:
            matrix = _matrix(t.transform.translation, t.transform.rotation)
            if matrix is not None:
                self._measured.frames.update(t.header.frame_id, t.child_frame_id, matrix, received_s, static)

    def _on_description(self, m: String) -> None:
        self._measured.description = m.data


def _matrix(position: Any, rotation: Any) -> Matrix | None:
    """(4, 4); None for an invalid pose, which counts as silence of its topic."""
    p, q = position, rotation
    try:
        return matrix_from((p.x, p.y, p.z), (q.x, q.y, q.z, q.w))
    except ValueError:
        return None
