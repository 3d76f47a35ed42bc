"""The publishers of the sim node."""

from typing import Any, cast

from rclpy.lifecycle import LifecycleNode
from rosgraph_msgs.msg import Clock
from std_msgs.msg import String

from zprl_core.arms.fr3 import urdf
from zprl_core.deadline_timer import DeadlineTimer
from zprl_core.obs import Obs
from zprl_core.ros import topics
from zprl_core.ros.conversions import time_from
from zprl_core.ros.interfaces import Topic
from zprl_core.ros.qos import STATE
from zprl_sim.lockstep_session import State
from zprl_sim.robot import SimRobot
from zprl_sim.ros.camera_publishers import CameraPublisher, DepthPublisher, Pixels, mounts_message
from zprl_sim.ros.messages import state_messages
from zprl_sim.settings import SimSettings


class Publishers:
    """The publishers of one simulated robot."""

    def __init__(
        self,
        node: LifecycleNode,
        settings: SimSettings,
        robot: SimRobot,
    ):
        task = robot.task
        self.node, self.settings, self.task, self.robot = node, settings, task, robot
        self.joints = {arm.arm: self._add(topics.JOINT_STATES.under(arm.arm)) for arm in task.arms}
        self.tools = {arm.arm: self._add(topics.CURRENT_POSE.under(arm.arm)) for arm in task.arms}
        self.objects = {
            name: self._add(topics.OBJECT_POSE.of(name)) for name in (task.objects if robot.obs == Obs.STATE else ())
        }
        self.status = {arm.arm: self._add(topics.ARM_STATUS.under(arm.arm)) for arm in task.arms}
        self.success = self._add(topics.SUCCESS)
        observed = {stream.camera: stream.shape[:2] for stream in robot.spec.images}
        self.observed = [self._camera(name) for name in sorted(observed)]
        self.viewed = [self._camera(name) for name in settings.cameras if name not in observed]
        self._sizes, deep = observed, robot.obs == Obs.RGBD
        self.depths = [DepthPublisher(camera, self._add) for camera in (self.observed if deep else [])]
        self.viewed_depths = [DepthPublisher(c, self._add) for c in (self.viewed if settings.camera_depth else [])]
        self.clock = self._add(topics.CLOCK)
        for arm in task.arms:
            topics.ROBOT_DESCRIPTION.under(arm.arm).publisher(node).publish(String(data=urdf()))
        self._frames = topics.TF_STATIC.publisher(node)
        self._publish_mounts()

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
        for camera in self.observed:
            camera.publish(cast(Pixels, state.observation.samples[camera.camera]), stamp_ns)
        for depth in self.depths:
            height, width = self._sizes[depth.camera]
            depth.publish(self.robot.render_depth(depth.camera, width, height), stamp_ns)
        if state.step % self.settings.camera_every == 0:
            width, height = self.settings.camera_width, self.settings.camera_height
            for camera in self.viewed:
                camera.publish(self.robot.render(camera.camera, width, height), stamp_ns)
            for depth in self.viewed_depths:
                depth.publish(self.robot.render_depth(depth.camera, width, height), stamp_ns)

    def _publish_mounts(self) -> None:
        """Publishes where the cameras are mounted; every robot of a task has them at the same places."""
        height, width = self.settings.camera_height, self.settings.camera_width
        stamp_ns = self.node.get_clock().now().nanoseconds
        cameras = {c.frame: self.robot.camera_model(c.camera, height, width) for c in (*self.observed, *self.viewed)}
        if cameras:
            self._frames.publish(mounts_message(cameras, stamp_ns))

    def _camera(self, name: str) -> CameraPublisher:
        return CameraPublisher(name, self.robot.fovy_deg(name), self._add)

    def _add(self, topic: Topic[Any]) -> Any:
        return topic.lifecycle_publisher(self.node, STATE)  # images too: none may be lost in lockstep
