"""The publishers of the sim node."""

from collections.abc import Callable
from typing import Any

from rclpy.lifecycle import LifecycleNode
from rosgraph_msgs.msg import Clock

from zprl_core.deadline_timer import DeadlineTimer
from zprl_core.ros import topics
from zprl_core.ros.conversions import time_from
from zprl_core.ros.interfaces import Topic
from zprl_core.ros.qos import STATE
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
        self.joints = {arm.arm: self._add(topics.JOINT_STATES.under(arm.arm)) for arm in task.arms}
        self.tools = {arm.arm: self._add(topics.CURRENT_POSE.under(arm.arm)) for arm in task.arms}
        self.objects = {name: self._add(topics.OBJECT_POSE.of(name)) for name in task.objects}
        self.status = {arm.arm: self._add(topics.ARM_STATUS.under(arm.arm)) for arm in task.arms}
        self.success = self._add(topics.SUCCESS)
        self.images = {c: self._add(topics.COLOR_IMAGE.of(c)) for c in settings.cameras}
        self.clock = self._add(topics.CLOCK)

    def publish(self, state: State, deadlines: DeadlineTimer) -> None:
        """Publishes one state on all topics, with one stamp."""
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

    def _add(self, topic: Topic[Any]) -> Any:
        return topic.lifecycle_publisher(self.node, STATE)  # images too: none may be lost in lockstep
