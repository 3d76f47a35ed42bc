"""The view node from outside: what it publishes from what it hears."""

import os
from collections.abc import Iterator

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from geometry_msgs.msg import PoseStamped
from nav_msgs.msg import Path
from sensor_msgs.msg import CompressedImage, Image, JointState
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage
from visualization_msgs.msg import Marker, MarkerArray

from listener import Listener, start_node, stop_node
from zprl_core.arm_model import FR3
from zprl_core.arms.fr3 import urdf
from zprl_core.ros import topics
from zprl_core.ros.conversions import time_from
from zprl_core.ros.qos import LATCHED
from zprl_msgs.msg import ArmStatus, EpisodeEvent, PolicyStatus

pytestmark = pytest.mark.ros

DOMAIN = 81 + os.getpid() % 5
PARAMETERS = (
    "objects:=[cube]", "cameras:=[front]", "low:=[0.3, -0.3, 0.0]", "high:=[0.6, 0.3, 0.4]", "rate:=50.0",
    "goal_low:=[-0.1, -0.1, 0.0]", "goal_high:=[0.1, 0.1, 0.2]", "goal_around:=cube", "image_rate:=30.0",
)  # fmt: skip


class Robot(Listener):
    """Publishes what a robot and its policy would, and hears the viewer's topics."""

    def __init__(self) -> None:
        super().__init__(DOMAIN)
        self.hear(MarkerArray, "view/markers", 10)
        self.hear(TFMessage, "/tf", 100)
        self.hear(TFMessage, "/tf_static", LATCHED)
        self.hear(String, "view/description", LATCHED)
        self.hear(CompressedImage, "view/camera/front/compressed", 10)
        self.status = topics.ARM_STATUS.publisher(self.node)
        self.pose = topics.CURRENT_POSE.publisher(self.node)
        self.joints = topics.JOINT_STATES.publisher(self.node)
        self.plan = topics.PLAN.publisher(self.node)
        self.base_plan = topics.BASE_PLAN.publisher(self.node)
        self.object = topics.OBJECT_POSE.of("cube").publisher(self.node)
        self.image = topics.COLOR_IMAGE.of("front").publisher(self.node)
        self.policy = topics.POLICY_STATUS.publisher(self.node)
        self.event = topics.EPISODE_EVENT.publisher(self.node)
        topics.ROBOT_DESCRIPTION.publisher(self.node).publish(String(data=urdf()))
        self.step = 0

    def act(self) -> None:
        """One control step."""
        self.step += 1
        stamp = time_from(self.step * 50_000_000)
        self.status.publish(ArmStatus(mode=ArmStatus.STREAM, clipped=self.step % 20 > 10, reason=""))
        self.pose.publish(placed(0.4 + 0.01 * (self.step % 10), stamp))
        self.joints.publish(joint_state(stamp))
        for publisher, shift in ((self.plan, 0.0), (self.base_plan, 0.05)):
            path = Path(poses=[placed(0.4 + shift + 0.01 * k, stamp) for k in range(8)])
            path.header.frame_id = FR3.base_frame
            publisher.publish(path)
        self.object.publish(placed(0.5, stamp))
        self.image.publish(Image(height=4, width=4, encoding="rgb8", step=12, data=bytes(48)))
        self.policy.publish(PolicyStatus(robot="robot", mode=PolicyStatus.FINETUNE, weights_number=7))
        self.event.publish(EpisodeEvent(robot="robot", episode=5))

    def markers(self) -> dict[str, Marker]:
        """The newest markers by namespace."""
        return {m.ns: m for m in self.heard["view/markers"][-1].markers} if self.heard["view/markers"] else {}


def placed(x: float, stamp: object) -> PoseStamped:
    pose = PoseStamped()
    pose.header.frame_id, pose.header.stamp = FR3.base_frame, stamp
    pose.pose.position.x, pose.pose.position.z, pose.pose.orientation.w = x, 0.2, 1.0
    return pose


def joint_state(stamp: object) -> JointState:
    state = JointState(name=FR3.joint_names, position=[*FR3.home, 0.02, 0.02])
    state.header.stamp = stamp
    return state


@pytest.fixture(scope="module")
def robot() -> Iterator[Robot]:
    robot = Robot()
    process = start_node(DOMAIN, ["-m", "zprl_view.ros.view_node"], *PARAMETERS)
    try:

        def all_heard() -> bool:
            robot.act()
            wanted = {"plan", "base plan", "trail", "object cube", "goal"}
            shown = {name for name, m in robot.markers().items() if m.action == Marker.ADD}
            text = robot.markers()["state"].text if "state" in shown else ""
            return wanted <= shown and "finetune" in text and "episode 5" in text and all(robot.heard.values())

        robot.until(all_heard)
        yield robot
    finally:
        robot.close()
        assert stop_node(process) == 0


def test_plans_are_lines_through_their_poses(robot: Robot) -> None:
    shown = robot.markers()
    assert len(shown["plan"].points) == len(shown["base plan"].points) == 8
    assert shown["base plan"].points[0].x - shown["plan"].points[0].x == pytest.approx(0.05)
    assert shown["plan end"].pose.position.x == pytest.approx(0.47)


def test_limits_and_goal_are_boxes(robot: Robot) -> None:
    shown = robot.markers()
    assert len(shown["workspace"].points) == 24 and shown["workspace"].header.frame_id == FR3.base_frame
    goal = shown["goal"]
    assert (goal.pose.position.x, goal.pose.position.z) == pytest.approx((0.5, 0.3))  # around the cube
    assert (goal.scale.x, goal.scale.z) == pytest.approx((0.2, 0.2))


def test_the_path_is_red_where_a_guard_acted(robot: Robot) -> None:
    def both() -> bool:
        robot.act()
        colors = {(c.r, c.g) for c in robot.markers()["trail"].colors}
        return len(colors) == 2

    robot.until(both)
    trail = robot.markers()["trail"]
    assert len(trail.points) == len(trail.colors) > 2


def test_the_text_says_what_the_policy_does(robot: Robot) -> None:
    assert "finetune, weights 7" in robot.markers()["state"].text


def test_link_frames_have_the_prefix_and_a_root(robot: Robot) -> None:
    moving = {t.child_frame_id: t.header.frame_id for t in robot.heard["/tf"][-1].transforms}
    assert moving["view/fr3_link1"] == "view/fr3_link0" and len(moving) == 9
    fixed = {t.child_frame_id: t.header.frame_id for t in robot.heard["/tf_static"][-1].transforms}
    assert fixed["view/fr3_link0"] == "fr3_link0" and fixed["view/fr3_hand_tcp"] == "view/fr3_hand"
    assert not any(child == FR3.tool_frame for child in {**moving, **fixed})  # it is the arm node's


def test_the_description_has_shapes(robot: Robot) -> None:
    assert "package://zprl_sim/meshes/hand_light.stl" in robot.heard["view/description"][0].data


def test_small_images_are_jpeg(robot: Robot) -> None:
    image = robot.heard["view/camera/front/compressed"][-1]
    assert image.format == "rgb8; jpeg compressed bgr8" and bytes(image.data[:2]) == b"\xff\xd8"
