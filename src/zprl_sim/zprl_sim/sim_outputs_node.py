"""Everything that the sim node publishes."""

from collections.abc import Callable
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from geometry_msgs.msg import PoseStamped
from rclpy.lifecycle import LifecycleNode
from rclpy.qos import QoSProfile
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image, JointState

from zprl_msgs.msg import ArmStatus, SuccessDetection
from zprl_sim.deadlines import Deadlines
from zprl_sim.session import State
from zprl_sim.settings import SimSettings
from zprl_sim.sim_messages_node import Picture, image_message, stamp_of, state_messages

EVERY_STATE = QoSProfile(depth=10)  # reliable
WARN_LATENESS_MS = 5.0


class Outputs:
    """The publishers of one simulated robot."""

    def __init__(
        self,
        node: LifecycleNode,
        settings: SimSettings,
        objects: tuple[str, ...],
        draw: Callable[[str], Picture],
    ):
        self.node, self.settings, self.draw = node, settings, draw
        self._all: list[Any] = []
        self.joints = self._add(JointState, "joint_states")
        self.tool = self._add(PoseStamped, "arm/current_pose")
        self.objects = {name: self._add(PoseStamped, f"objects/{name}/pose") for name in objects}
        self.status = self._add(ArmStatus, "arm/status")
        self.success = self._add(SuccessDetection, "success")
        self.images = {c: self._add(Image, f"camera/{c}/color/image_raw") for c in settings.cameras}
        self.clock = self._add(Clock, "/clock")
        self.diagnostics = self._add(DiagnosticArray, "/diagnostics")

    def publish(self, state: State, deadlines: Deadlines) -> None:
        """One state on all its topics, with one stamp."""
        stamp_ns = state.observation.stamp_ns
        if self.settings.publish_clock:
            self.clock.publish(Clock(clock=stamp_of(stamp_ns)))
        messages = state_messages(state, deadlines)
        self.joints.publish(messages.joints)
        self.tool.publish(messages.tool)
        for name, message in messages.objects.items():
            self.objects[name].publish(message)
        self.status.publish(messages.status)
        self.success.publish(messages.success)
        if self.images and state.step % self.settings.camera_every == 0:
            for camera, image in self.images.items():
                image.publish(image_message(self.draw(camera), camera, stamp_ns))

    def diagnose(self, deadlines: Deadlines, rate: float, counts: dict[str, int]) -> None:
        """How the control loop does: `rate` in steps per wall second."""
        late = deadlines.lateness_ms(99)
        values: dict[str, object] = {
            "clock": "lockstep" if self.settings.lockstep else "real time",
            "steps per second": f"{rate:.1f}",
            "ticks": deadlines.ticks,
            "late ticks": deadlines.late,
            "lost ticks": deadlines.lost,
            "lateness p99 [ms]": f"{late:.2f}",
            **counts,
        }
        bad = late > WARN_LATENESS_MS
        status = DiagnosticStatus(
            name=f"{self.node.get_fully_qualified_name()}: control",
            level=DiagnosticStatus.WARN if bad else DiagnosticStatus.OK,
            message="control ticks begin late: give the simulation a core of its own" if bad else "",
            values=[KeyValue(key=key, value=str(value)) for key, value in values.items()],
        )
        message = DiagnosticArray(status=[status])
        message.header.stamp = self.node.get_clock().now().to_msg()
        self.diagnostics.publish(message)

    def destroy(self) -> None:
        """Take the publishers back."""
        for publisher in self._all:
            self.node.destroy_publisher(publisher)

    def _add(self, kind: type, topic: str) -> Any:
        publisher = self.node.create_lifecycle_publisher(kind, topic, EVERY_STATE)
        self._all.append(publisher)
        return publisher
