"""The scene of a task in Gazebo, with the topics of a simulated scene: object poses, success, and scene/reset.

Gazebo's poses come through ros_gz_bridge, and gazebo.launch.py starts it. Stamps are wall time, as those of the arm
node: each pose is published with the time of the control step, at most 1 s after it arrived.
"""

import time
from functools import partial
from typing import Any

from geometry_msgs.msg import PoseStamped
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import JointState

from zprl_core.arm_model import FR3
from zprl_core.observation import Pose
from zprl_core.ros import parameters, services, topics
from zprl_core.ros.conversions import time_from
from zprl_core.ros.managed_node import ManagedNode, run
from zprl_core.ros.poses import object_message, tilted_object_from
from zprl_msgs.srv import Reset
from zprl_sim.gazebo.scene_reset import SceneReset
from zprl_sim.gazebo.seen_scene import SeenScene
from zprl_sim.gazebo.settings import GazeboSceneSettings
from zprl_sim.ros.scene_publishers import TaskPublishers
from zprl_sim.settings import CONTROL_S

NEWEST = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
NOT_INSTALLED = (
    "ros_gz_interfaces is not installed, and without it Gazebo's objects cannot be moved: sudo apt install "
    "ros-$ROS_DISTRO-ros-gz"
)


class GazeboSceneNode(ManagedNode):
    """Callbacks store what Gazebo shows; a timer publishes it at the control rate."""

    def __init__(self) -> None:
        super().__init__("gazebo_scene")
        parameters.declare(self, GazeboSceneSettings())

    def configure(self) -> None:
        s = self.settings = parameters.read(self, GazeboSceneSettings, GazeboSceneSettings())
        self._type = self.service_type()
        self._scene = SeenScene(s.task)
        self._scene_reset = SceneReset(s.task, s.scene.deployed, s.scene.seed, self._place)
        self._task = TaskPublishers(self, s.scene)
        for name in s.task.objects:
            self.create_subscription(
                PoseStamped, s.pose_topic.replace("{name}", name), partial(self._on_pose, name), NEWEST
            )
        topics.JOINT_STATES.subscribe(self, self._on_joints, NEWEST)  # of the arm node
        self._set_pose = self.create_client(self._type, s.set_pose)
        services.SCENE_RESET.serve(self, self._on_reset)
        self.create_timer(CONTROL_S, self._tick, clock=self.wall)

    def service_type(self) -> Any:
        """Returns the type of Gazebo's service. Raises ValueError where it is not installed, as in ROS 2 from PyPI."""
        try:
            from ros_gz_interfaces.srv import SetEntityPose
        except ImportError:
            raise ValueError(NOT_INSTALLED) from None
        return SetEntityPose

    def health(self) -> tuple[str, dict[str, object]]:
        return self._scene.silence(time.monotonic()), {"steps": self._task.steps}

    def _on_pose(self, name: str, message: PoseStamped) -> None:
        try:
            pose = tilted_object_from(message.pose)
        except ValueError as error:
            self.get_logger().warning(f"pose of {name}: {error}", throttle_duration_sec=5.0)
            return
        self._scene.on_pose(name, pose, time.monotonic())

    def _on_joints(self, message: JointState) -> None:
        positions = dict(zip(message.name, message.position, strict=False))
        self._scene.on_width(sum(positions.get(finger, float("nan")) for finger in FR3.fingers))

    def _tick(self) -> None:
        if self.active and not self._scene.silence(time.monotonic()):
            self._task.publish_task(time.time_ns(), self._scene.things, self._scene.success)

    def _on_reset(self, request: Reset.Request, response: Reset.Response) -> Reset.Response:
        if not self._set_pose.service_is_ready():
            response.message = f"{self.settings.set_pose} is not available; start gazebo.launch.py"
            return response
        answer = self._scene_reset.request(request.seed, self._scene.sightings, time.monotonic())
        response.success, response.pending, response.message = answer.success, answer.pending, answer.message
        if answer.success:
            self._task.steps = 0
            response.stamp = time_from(time.time_ns())
        elif not answer.pending:
            self.get_logger().warning(answer.message)
        return response

    def _place(self, name: str, pose: Pose) -> None:
        request = self._type.Request(pose=object_message(pose))
        request.entity.name, request.entity.type = name, request.entity.MODEL
        self._set_pose.call_async(request).add_done_callback(partial(self._on_placed, name))

    def _on_placed(self, name: str, future: Any) -> None:
        if not future.result().success:
            self._scene_reset.refuse(
                f"Gazebo did not accept a pose of {name}; check that the world has a model of this name"
            )


def main() -> None:
    """Runs the node."""
    run(GazeboSceneNode)


if __name__ == "__main__":
    main()
