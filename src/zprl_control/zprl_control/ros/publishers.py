"""The publishers of the arm node: the topics of the simulated robot, and more from a real arm."""

import math

from geometry_msgs.msg import Pose, PoseStamped, TransformStamped, TwistStamped, WrenchStamped
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import JointState
from std_msgs.msg import Header
from tf2_msgs.msg import TFMessage

from zprl_control.driver import ArmState
from zprl_control.report import Report
from zprl_control.session import ArmSession
from zprl_core.arm_model import FR3, ArmModel
from zprl_core.deadline_timer import DeadlineTimer
from zprl_core.gripper_state import GripperMode, GripperState
from zprl_core.ros import topics
from zprl_core.ros.conversions import time_from
from zprl_core.target import Pose6, Target, pose_from, quaternion
from zprl_msgs.msg import ArmCommand, ArmStatus

CONNECTING = GripperState(GripperMode.CONNECTING)
NOWHERE: Pose6 = (0.0,) * 6  # placeholder pose of a joint target
LATCHED = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)  # for many publishers


class Publishers:
    """The publishers of one arm."""

    def __init__(self, node: Node, model: ArmModel = FR3, publishes_tool: bool = True):
        """`publishes_tool`: publish the tool's frame on /tf until another node does."""
        self.model = model
        self.joints = topics.JOINT_STATES.publisher(node)
        self.pose = topics.CURRENT_POSE.publisher(node)
        self.twist = topics.CURRENT_TWIST.publisher(node)
        self.wrench = topics.EXTERNAL_WRENCH.publisher(node)
        self.status = topics.ARM_STATUS.publisher(node)
        self.tf = topics.TF.publisher(node)
        self._node = node
        self._described = not publishes_tool  # another node publishes the tool's frame
        topics.TF_STATIC.subscribe(node, self._on_static, LATCHED)

    def publish(self, stamp_ns: int, report: Report, session: ArmSession, deadlines: DeadlineTimer) -> None:
        """Publishes the result of one control step, with one stamp."""
        header = Header(stamp=time_from(stamp_ns), frame_id=self.model.base_frame)
        if report.state is not None:
            self._publish_state(header, report.state)
        executed = report.command.target if report.command else None
        counts = sorted(session.counts.items())
        gripper = report.state.gripper if report.state is not None else CONNECTING
        self.status.publish(
            ArmStatus(
                header=header,
                mode=int(report.mode),
                executed_target=pose_message(executed.pose) if executed else Pose(),
                executed_width=executed.width if executed else 0.0,
                source=report.source,
                person=report.person,
                clipped=report.command is not None and report.command.clipped,
                reason=report.reason,
                guards=[name for name, _ in counts],
                counts=[count for _, count in counts],
                ticks=deadlines.ticks,
                late_ticks=deadlines.late,
                lateness_ms=1e3 * deadlines.lateness_s,
                executed_joints=list(executed.joints or ()) if executed else [],
                gripper=int(gripper.mode),
                gripper_reason=gripper.reason,
            )
        )

    def _publish_state(self, header: Header, state: ArmState) -> None:
        fingers = [state.width / 2] * 2
        self.joints.publish(
            JointState(
                header=header,
                name=self.model.joint_names,
                position=[*state.joints, *fingers],
                velocity=[*state.joint_velocities, 0.0, 0.0],
            )
        )
        pose = pose_message(state.pose)
        self.pose.publish(PoseStamped(header=header, pose=pose))
        if not self._described:
            self.tf.publish(TFMessage(transforms=[transform_message(header, pose, self.model.tool_frame)]))
        twist = TwistStamped(header=header)
        for part, values in ((twist.twist.linear, state.twist[:3]), (twist.twist.angular, state.twist[3:])):
            part.x, part.y, part.z = values
        self.twist.publish(twist)
        wrench = WrenchStamped(header=header)
        for part, values in ((wrench.wrench.force, state.wrench[:3]), (wrench.wrench.torque, state.wrench[3:])):
            part.x, part.y, part.z = values
        self.wrench.publish(wrench)

    def _on_static(self, message: TFMessage) -> None:
        """Stops publishing the tool's frame when robot_state_publisher does: a tf frame has only one parent."""
        if not self._described and any(t.child_frame_id == self.model.tool_frame for t in message.transforms):
            self._described = True
            self._node.get_logger().info(f"another node publishes {self.model.tool_frame}; this node no longer does")


def transform_message(header: Header, pose: Pose, tool_frame: str = FR3.tool_frame) -> TransformStamped:
    """Returns the transform from the base frame to the tool's frame."""
    message, p = TransformStamped(header=header, child_frame_id=tool_frame), pose.position
    shift = message.transform.translation
    shift.x, shift.y, shift.z = p.x, p.y, p.z
    message.transform.rotation = pose.orientation
    return message


def pose_message(pose: Pose6) -> Pose:
    """Returns the message for a pose."""
    message = Pose()
    message.position.x, message.position.y, message.position.z = pose[:3]
    q = message.orientation
    q.x, q.y, q.z, q.w = quaternion(pose)
    return message


def command_target(command: ArmCommand, width: float) -> Target:
    """Returns the target of a policy's command: joints or a pose. Raises ValueError when the quaternion is invalid.

    `width` [m] replaces the gripper width of a command that keeps it as it is (nan).
    """
    width = width if math.isnan(command.gripper_width) else command.gripper_width
    if command.joints:
        return Target(NOWHERE, width, tuple(command.joints))
    return target_from(command.target, width)


def target_from(pose: Pose, width: float) -> Target:
    """Returns the target for a commanded pose. Raises ValueError when its quaternion is invalid."""
    p, q = pose.position, pose.orientation
    return Target(pose_from((p.x, p.y, p.z), (q.x, q.y, q.z, q.w)), width)
