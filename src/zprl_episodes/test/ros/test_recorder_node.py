"""The recorder node from outside: what was published is in the bags, byte for byte."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from geometry_msgs.msg import PoseStamped  # noqa: E402
from rclpy.qos import QoSProfile, ReliabilityPolicy  # noqa: E402
from rclpy.serialization import deserialize_message  # noqa: E402
from sensor_msgs.msg import CompressedImage, Image  # noqa: E402
from std_msgs.msg import Bool, String  # noqa: E402

from listener import Listener, start_node, stop_node  # noqa: E402
from zprl_core.bags.bag_reader import bag_file, is_described  # noqa: E402
from zprl_core.bags.bag_repair import repair  # noqa: E402
from zprl_core.bags.message_definition import type_hash  # noqa: E402
from zprl_core.ros import qos  # noqa: E402
from zprl_msgs.msg import EpisodeEvent  # noqa: E402

pytestmark = pytest.mark.ros

DOMAIN = 215 + os.getpid() % 15
RECORDER = "from zprl_episodes.ros.recorder_node import main; main()"
PUBLISHED = "arm/current_pose", "camera/front/color/image_raw", "robot_description"
BEST_EFFORT = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)


@dataclass
class Robot:
    """Publishes a tool, a camera and a description, and the events of episodes."""

    client: Listener
    sent: int = 0
    publishers: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        node = self.client.node
        self.tool = node.create_publisher(PoseStamped, "arm/current_pose", 10)
        self.camera = node.create_publisher(Image, "camera/front/color/image_raw", BEST_EFFORT)
        self.model = node.create_publisher(String, "robot_description", qos.LATCHED)
        self.events = node.create_publisher(EpisodeEvent, "episode/event", qos.LATCHED_EVENTS)
        self.model.publish(String(data="<robot/>"))

    def await_recorder(self, recorder: Any) -> None:
        publishers = (self.tool, self.camera, self.model, self.events)

        def heard() -> bool:
            assert recorder.poll() is None, recorder.communicate()[1]
            return all(publisher.get_subscription_count() for publisher in publishers)

        self.client.until(heard)
        self.client.spin(0.5)

    def event(self, kind: int, episode: int, robot: str = "robot") -> None:
        self.events.publish(EpisodeEvent(robot=robot, kind=kind, episode=episode))

    def move(self, count: int) -> None:
        for _ in range(count):
            self.sent += 1
            pose = PoseStamped()
            pose.header.stamp.sec, pose.pose.position.x = self.sent, 0.1 * self.sent
            self.tool.publish(pose)
            image = Image(height=2, width=2, step=8, encoding="rgb8", data=bytes(range(16)))
            image.header.stamp.sec = self.sent
            self.camera.publish(image)
            self.client.spin(0.01)


@pytest.fixture
def robot() -> Iterator[Robot]:
    client = Listener(DOMAIN)
    yield Robot(client)
    client.close()


def recorder(folder: Path, *parameters: str, topics: tuple[str, ...] = (*PUBLISHED, "gripper/lost")) -> Any:
    given = f"folder:={folder}", "task:=lift", f"topics:={list(topics)}", "optional_topics:=['teleop']", *parameters
    return start_node(DOMAIN, ["-c", RECORDER], *given)


def bags(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


def stamps(bag: Path, topic: str, kind: type) -> list[int]:
    return [deserialize_message(m.data, kind).header.stamp.sec for m in bag_file(bag).messages((topic,))]


def test_no_episode_may_start_without_room_on_the_disk(robot: Robot, tmp_path: Path) -> None:
    ready: list[bool] = []
    robot.client.node.create_subscription(Bool, "recorder/ready", lambda m: ready.append(m.data), qos.LATCHED)
    for least, expected in (("1e7", False), ("0.0", True)):
        node = recorder(tmp_path / "bags", f"min_free_mb:={least}", topics=PUBLISHED)
        robot.await_recorder(node)
        ready.clear()

        def heard(expected: bool = expected) -> bool:
            robot.move(1)
            return expected in ready and len(ready) > 20

        robot.client.until(heard)
        assert (True in ready) is expected
        stop_node(node)


def test_each_episode_is_a_bag_of_what_was_published(robot: Robot, tmp_path: Path) -> None:
    node = recorder(tmp_path / "bags", "before_s:=0.0", "after_s:=0.5")
    robot.await_recorder(node)
    robot.event(EpisodeEvent.STARTED, 7, robot="another")
    robot.event(EpisodeEvent.STARTED, 8)
    robot.client.until(lambda: bags(tmp_path / "bags"))
    robot.move(20)
    robot.event(EpisodeEvent.SUCCESS, 8)
    (bag,) = bags(tmp_path / "bags")
    robot.client.until(lambda: is_described(bag))
    robot.event(EpisodeEvent.STARTED, 9)
    robot.client.until(lambda: len(bags(tmp_path / "bags")) == 2)
    robot.event(EpisodeEvent.DISCARDED, 9)
    robot.client.until(lambda: bags(tmp_path / "bags") == [bag])
    assert stop_node(node) == 0

    file = bag_file(bag)
    assert file.metadata()["label"] == "success" and file.metadata()["episode"] == "8"
    assert stamps(bag, "/arm/current_pose", PoseStamped) == list(range(1, 21))
    assert stamps(bag, "/camera/front/color/image_raw", Image) == list(range(1, 21))
    (model,) = file.messages(("/robot_description",))
    assert deserialize_message(model.data, String).data == "<robot/>"
    offered = {name: topic.qos[0] for name, topic in file.topics().items()}
    assert offered["/camera/front/color/image_raw"].reliability == "best_effort"
    assert offered["/robot_description"].durability == "transient_local"
    assert file.topics()["/arm/current_pose"].type_hash == type_hash("geometry_msgs/msg/PoseStamped")


def test_images_are_compressed_and_described_as_a_live_publisher_of_such_images_is(
    robot: Robot, tmp_path: Path
) -> None:
    other = robot.client.node.create_publisher(CompressedImage, "compressed", 1)
    robot.client.until(lambda: robot.client.node.get_publishers_info_by_topic("/compressed"))
    (live,) = robot.client.node.get_publishers_info_by_topic("/compressed")
    node = recorder(tmp_path / "bags", "images:=jpeg", "jpeg_quality:=80")
    robot.await_recorder(node)
    robot.event(EpisodeEvent.STARTED, 0)
    robot.client.until(lambda: bags(tmp_path / "bags"))
    robot.move(20)
    robot.event(EpisodeEvent.SUCCESS, 0)
    (bag,) = bags(tmp_path / "bags")
    robot.client.until(lambda: is_described(bag))
    assert stop_node(node) == 0
    name = "/camera/front/color/image_raw/compressed"
    topics = bag_file(bag).topics()
    assert "/camera/front/color/image_raw" not in topics
    assert topics[name].type == live.topic_type and topics[name].type_hash == str(live.topic_type_hash)
    assert topics[name].qos[0].reliability == "best_effort"
    assert stamps(bag, name, CompressedImage) == list(range(1, 21))
    assert bag_file(bag).metadata()["images"] == "jpeg"
    other.destroy()


def test_a_killed_recorder_leaves_what_can_be_repaired(robot: Robot, tmp_path: Path) -> None:
    node = recorder(tmp_path / "bags", "flush_s:=0.05")
    robot.await_recorder(node)
    robot.event(EpisodeEvent.STARTED, 0)
    robot.client.until(lambda: bags(tmp_path / "bags"))
    robot.move(20)
    robot.client.spin(0.5)
    assert stop_node(node, signal.SIGKILL) == -signal.SIGKILL
    (bag,) = bags(tmp_path / "bags")
    assert not is_described(bag) and repair(bag) >= 40
    assert stamps(bag, "/arm/current_pose", PoseStamped) == list(range(1, 21))
    assert bag_file(bag).metadata()["task"] == "lift"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        (("folder:=''",), "folder is empty; give the folder for the bags"),
        (("folder:=/proc/bags",), "cannot make the folder for bags"),
        (("folder:=/tmp", "images:=gif"), "gif"),
        (("folder:=/tmp", "topics:=['a b']"), "topics cannot be recorded: Invalid topic name"),
    ],
)
def test_bad_parameters_end_the_node_with_the_cause(parameters: tuple[str, ...], said: str) -> None:
    names = [] if "topics" in parameters[-1] else ["topics:=['arm/current_pose']"]
    node = start_node(DOMAIN, ["-c", RECORDER], *parameters, *names)
    assert node.wait(600) == 2
    assert said in node.communicate()[1]
