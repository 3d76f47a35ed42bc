"""The subscriptions of the arm node: commands, teleoperation, cameras, emergency stop and episode events."""

import time
from collections.abc import Callable
from functools import partial

from builtin_interfaces.msg import Time
from geometry_msgs.msg import PoseStamped, Twist, TwistStamped
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Bool

from zprl_control import header_checks
from zprl_control.ros.publishers import command_target, target_from
from zprl_control.safety.command_arbiter import Priority
from zprl_control.safety.interlocks import Interlocks
from zprl_control.session import ArmSession
from zprl_core.arm_mode import ArmMode
from zprl_core.arm_model import FR3, ArmModel
from zprl_core.host.own_graph import stranger
from zprl_core.ros import qos, topics
from zprl_core.ros.conversions import ns_from
from zprl_core.ros.managed_node import ManagedNode
from zprl_core.target import Twist6
from zprl_msgs.msg import ArmCommand, EpisodeEvent, Teleop


class Subscriptions:
    """The subscriptions of one arm. Messages with an acceptable header are passed to the session."""

    def __init__(
        self, node: ManagedNode, session: ArmSession, interlocks: Interlocks, robot: str, model: ArmModel = FR3
    ):
        self.model = model
        self.node, self.session, self.interlocks, self.robot = node, session, interlocks, robot
        topics.ARM_COMMAND.subscribe(node, self._on_command)
        topics.TARGET_POSE.subscribe(node, self._on_pose)
        topics.TARGET_TWIST.subscribe(node, self._on_twist)
        topics.TELEOP.subscribe(node, self._on_teleop)
        topics.ARM_ESTOP.subscribe(node, self._on_estop)
        topics.EPISODE_EVENT.subscribe(node, self._on_event, qos.EVENTS)
        for name in interlocks.cameras:
            on_info = partial(self._on_camera, name)
            topics.COLOR_INFO.of(name).subscribe(node, on_info, qos_profile_sensor_data)

    def _on_command(self, m: ArmCommand) -> None:
        """Accepts any stamp: it is that of the observed state, not the time of sending."""
        if self._strange(m.graph) or self._refused(topics.ARM_COMMAND.name, m.header.frame_id):
            return
        source, width = m.source or "unnamed source", self.session.width
        self._submit(lambda now: self.session.command(command_target(m, width), source, Priority.POLICY, now))

    def _on_pose(self, m: PoseStamped) -> None:
        if self._refused(topics.TARGET_POSE.name, m.header.frame_id, m.header.stamp):
            return
        width = self.session.width
        self._submit(lambda now: self.session.command(target_from(m.pose, width), "target_pose", Priority.TOOL, now))

    def _on_twist(self, m: TwistStamped) -> None:
        if self._refused(topics.TARGET_TWIST.name, m.header.frame_id, m.header.stamp):
            return
        self._submit(lambda now: self.session.nudge(twist_from(m.twist), None, "target_twist", Priority.TOOL, now))

    def _on_teleop(self, m: Teleop) -> None:
        """Handles a teleoperation message: `enabled` feeds the dead-man switch, `touched` makes it a command."""
        strange = self._strange(m.graph)
        if not self.node.active or strange or self._refused(topics.TELEOP.name, m.header.frame_id, m.header.stamp):
            return
        if m.enabled:
            self.interlocks.enabled(time.monotonic())
        if m.touched:
            width = {-1: 0.0, 0: None, 1: self.session.limits.width}.get(m.gripper)
            source = f"teleop/{m.device}"
            self._submit(lambda now: self.session.nudge(twist_from(m.twist), width, source, Priority.PERSON, now))

    def _on_camera(self, name: str, m: CameraInfo) -> None:
        self.interlocks.saw(name, time.monotonic())

    def _on_estop(self, m: Bool) -> None:
        """Stops on True; ignores False, because only the service arm/release releases the stop."""
        if m.data:
            self.session.estop()

    def _on_event(self, m: EpisodeEvent) -> None:
        """Pauses at the end of an episode, so that silence between episodes is not a fault."""
        ended = m.robot == self.robot and m.kind != EpisodeEvent.STARTED
        if ended and self.session.mode == ArmMode.STREAM:
            self.session.pause()

    def _strange(self, graph: str) -> bool:
        """Returns True for the graph of another lab, and counts it as `graph`."""
        why = stranger(graph)
        if why and self.node.active:
            self.session.counts["graph"] += 1
            self.node.get_logger().warning(why, throttle_duration_sec=5.0)
        return why != ""

    def _refused(self, topic: str, frame: str, sent: Time | None = None) -> bool:
        """Returns True if the header is unacceptable, and counts it as `frame` or `late`."""
        guard, why = "frame", header_checks.elsewhere(topic, frame, self.model.base_frame)
        if not why and sent is not None:
            now_ns = self.node.get_clock().now().nanoseconds
            guard, why = "late", header_checks.late(topic, ns_from(sent), now_ns, self.session.limits.hold_s)
        if why and self.node.active:
            self.session.counts[guard] += 1
            self.node.get_logger().warning(why, throttle_duration_sec=5.0)
        return why != ""

    def _submit(self, command: Callable[[float], str]) -> None:
        if not self.node.active:
            return
        try:
            why = command(time.monotonic())
        except ValueError as error:
            why = str(error)
        if why:
            self.node.get_logger().warning(why, throttle_duration_sec=5.0)


def twist_from(twist: Twist) -> Twist6:
    """Returns a twist message as six numbers."""
    linear, angular = twist.linear, twist.angular
    return linear.x, linear.y, linear.z, angular.x, angular.y, angular.z
