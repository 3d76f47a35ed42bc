"""Everything that the sim node publishes."""

from collections.abc import Callable
from typing import Any

from geometry_msgs.msg import PoseStamped
from rclpy.lifecycle import LifecycleNode
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image, JointState

from zprl_core.deadline_timer import DeadlineTimer
from zprl_core.ros.conversions import time_from
from zprl_core.ros.qos import STATE
from zprl_msgs.msg import ArmStatus, SuccessDetection
from zprl_sim.lockstep_session import State
from zprl_sim.ros.messages import Picture, image_message, state_messages
from zprl_sim.settings import SimSettings
from zprl_sim.tasks.task import Task


class Publishers:
    """The publishers of one simulated robot."""

    def __init__(
        self,
        node: LifecycleNode,
        settings: SimSettings,
        task: Task,
        draw: Callable[[str], Picture],
    ):
        self.node, self.settings, self.task, self.draw = node, settings, task, draw
        self._all: list[Any] = []
        self.joints = {arm.arm: self._add(JointState, arm.topic("joint_states")) for arm in task.arms}
        self.tools = {arm.arm: self._add(PoseStamped, arm.topic("arm/current_pose")) for arm in task.arms}
        self.objects = {name: self._add(PoseStamped, f"objects/{name}/pose") for name in task.objects}
        self.status = {arm.arm: self._add(ArmStatus, arm.topic("arm/status")) for arm in task.arms}
        self.success = self._add(SuccessDetection, "success")
        self.images = {c: self._add(Image, f"camera/{c}/color/image_raw") for c in settings.cameras}
        self.clock = self._add(Clock, "/clock")

    def publish(self, state: State, deadlines: DeadlineTimer) -> None:
        """One state on all its topics, with one stamp."""
        stamp_ns = state.observation.stamp_ns
        if self.settings.publish_clock:
            self.clock.publish(Clock(clock=time_from(stamp_ns)))
        messages = state_messages(state, self.task.arms, self.task.frame, deadlines)
        for arm, message in messages.arms.items():
            self.joints[arm].publish(message.joints)
            self.tools[arm].publish(message.tool)
        for name, pose in messages.objects.items():
            self.objects[name].publish(pose)
        for arm, message in messages.arms.items():
            self.status[arm].publish(message.status)
        self.success.publish(messages.success)
        if self.images and state.step % self.settings.camera_every == 0:
            for camera, image in self.images.items():
                image.publish(image_message(self.draw(camera), camera, stamp_ns))

    def destroy(self) -> None:
        """Take the publishers back."""
        for publisher in self._all:
            self.node.destroy_publisher(publisher)

    def _add(self, kind: type, topic: str) -> Any:
        publisher = self.node.create_lifecycle_publisher(kind, topic, STATE)
        self._all.append(publisher)
        return publisher
