"""The node of a scene in Gazebo from outside, with a stand-in for Gazebo's service, whose type comes with Gazebo."""

import importlib.util
import os
from collections.abc import Iterator

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from geometry_msgs.msg import PoseStamped
from sensor_msgs.msg import JointState

from listener import Listener, start_node, stop_node
from zprl_core.arm_model import FR3
from zprl_core.errors import USER_ERROR
from zprl_core.observation import Pose
from zprl_core.ros.conversions import ns_from
from zprl_core.ros.poses import object_message
from zprl_core.ros.qos import STATE
from zprl_msgs.msg import SuccessDetection
from zprl_msgs.srv import Reset
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.pick_to_tray import HALF, PICK_TO_TRAY

pytestmark = pytest.mark.ros
DOMAIN = 1 + os.getpid() % 9
SET_POSE = "/world/pick_to_tray/set_pose"
STAND_IN = """
from geometry_msgs.msg import PoseStamped
from zprl_core.ros.managed_node import run
from zprl_core.ros.poses import object_message
from zprl_msgs.srv import Reset
from zprl_sim.ros.gazebo_scene_node import GazeboSceneNode
class Node(GazeboSceneNode):
    def service_type(self):
        return Reset
    def _place(self, name, pose):
        self.create_publisher(PoseStamped, f"/placed/{name}", 10).publish(PoseStamped(pose=object_message(pose)))
run(Node)
"""  # publishes what it would request


@pytest.fixture
def client() -> Iterator[Listener]:
    """A client in the place of Gazebo and of the arm."""
    made = Listener(DOMAIN)
    made.hear(PoseStamped, "objects/cube/pose", STATE)
    made.hear(SuccessDetection, "success", STATE)
    process = start_node(DOMAIN, ["-c", STAND_IN], "scene.seed:=3")
    try:
        yield made
    finally:
        made.close()
        assert stop_node(process) == 0


class Gazebo:
    """Publishes poses of both objects, whose simulated time stands still, and an open gripper."""

    def __init__(self, client: Listener, cube: Pose, tray: Pose):
        self._client = client
        self.poses = {"cube": object_message(cube), "tray": object_message(tray)}
        make = client.node.create_publisher
        self._publishers = {name: make(PoseStamped, f"/gazebo/{name}/pose", 10) for name in self.poses}
        self._joints = make(JointState, "joint_states", 10)

    def speak(self) -> None:
        for name, publisher in self._publishers.items():
            publisher.publish(PoseStamped(pose=self.poses[name]))
        self._joints.publish(JointState(name=FR3.joint_names, position=[0.0] * 7 + [0.04, 0.04]))


def test_poses_and_success_are_published_with_wall_time(client: Listener) -> None:
    gazebo = Gazebo(client, Pose((0.50, 0.17, HALF), 2.0), Pose((0.49, 0.17, 0.0)))
    heard = client.heard

    def both() -> bool:
        gazebo.speak()
        return any(m.success for m in heard["success"]) and bool(heard["objects/cube/pose"])

    client.until(both)
    cube, success = heard["objects/cube/pose"][-1], heard["success"][-1]
    off_x, off_y, _ = PICK_TO_TRAY.mismatch.seen_off_by  # as any deployed simulation
    assert (cube.pose.position.x, cube.pose.position.y) == pytest.approx((0.50 + off_x, 0.17 + off_y))
    assert cube.header.frame_id == FR3.base_frame and ns_from(cube.header.stamp) > 1_600_000_000 * 10**9
    assert success.ended and success.step >= 1


def test_a_reset_is_pending_until_gazebo_shows_the_scene_of_the_seed(client: Listener) -> None:
    gazebo = Gazebo(client, Pose((0.5, 0.0, HALF)), Pose((0.5, 0.2, 0.0)))
    answers: list[Reset.Response] = []

    def answer() -> Reset.Response:
        gazebo.speak()
        answers.append(client.ask("scene/reset", Reset, Reset.Request(seed=7)))
        return answers[-1]

    assert "set_pose is not available; start gazebo.launch.py" in answer().message
    client.node.create_service(Reset, SET_POSE, lambda request, response: response)
    for name in gazebo.poses:
        client.hear(PoseStamped, f"/placed/{name}", STATE)
    robot = SimRobot(PICK_TO_TRAY)
    robot.place_things(7)
    wanted = {name: object_message(pose) for name, pose in robot.things().items()}
    robot.close()
    client.until(lambda: answer().pending)
    assert not answers[-1].success
    gazebo.poses = wanted
    client.until(lambda: answer().success)
    assert not answers[-1].pending and ns_from(answers[-1].stamp) > 0


@pytest.mark.skipif(importlib.util.find_spec("ros_gz_interfaces") is not None, reason="ros_gz_interfaces is installed")
def test_without_the_messages_of_gazebo_the_node_says_what_to_install() -> None:
    process = start_node(DOMAIN, ["-m", "zprl_sim.ros.gazebo_scene_node"])
    _, said = process.communicate(timeout=600)
    assert process.returncode == USER_ERROR and "ros_gz_interfaces is not installed" in said
