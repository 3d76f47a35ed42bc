"""What a header says of a command: another frame and a late stamp are refused, counted and explained."""

import math
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from geometry_msgs.msg import Point, Pose, PoseStamped, Quaternion, TwistStamped  # noqa: E402
from std_msgs.msg import Header  # noqa: E402

from fake_arm import HERE, JOINTS, enabled_harness  # noqa: E402
from zprl_control import header_checks  # noqa: E402
from zprl_control.ros.publishers import pose_message  # noqa: E402
from zprl_control.ros.subscriptions import Subscriptions  # noqa: E402
from zprl_core.arm_model import FR3  # noqa: E402
from zprl_core.host.own_graph import VARIABLE  # noqa: E402
from zprl_core.ros.conversions import time_from  # noqa: E402
from zprl_msgs.msg import ArmCommand, Teleop  # noqa: E402

pytestmark = pytest.mark.ros

NOW_NS = 1_700_000_000_000_000_000
SECOND = 1_000_000_000


class Node:
    """What Inputs needs of one: it keeps the callbacks and the warnings."""

    def __init__(self) -> None:
        self.active = True
        self.heard: dict[str, Any] = {}
        self.said: list[str] = []

    def create_subscription(self, kind: Any, topic: str, heard: Any, quality: Any, raw: bool) -> None:
        self.heard[topic] = heard

    def get_logger(self) -> Any:
        return SimpleNamespace(warning=lambda why, **_: self.said.append(why))

    def get_clock(self) -> Any:
        return SimpleNamespace(now=lambda: SimpleNamespace(nanoseconds=NOW_NS))


class Door:
    """An armed arm of wax, and the node's ear before it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.node, self.lab = Node(), enabled_harness()
        monkeypatch.setattr("zprl_control.ros.subscriptions.time.monotonic", lambda: self.lab.arm.now)
        Subscriptions(self.node, self.lab.session, self.lab.interlocks, "robot")  # type: ignore[arg-type]

    def send(self, topic: str, frame: str = "", age_s: float = math.inf) -> str:
        """A command that moves the arm. Returns whose command the arm follows then."""
        stamp = time_from(0 if age_s == math.inf else NOW_NS - round(age_s * SECOND))
        self.node.heard[topic](message(topic, Header(stamp=stamp, frame_id=frame)))
        return self.lab.step().source

    @property
    def counts(self) -> dict[str, int]:
        return dict(self.lab.session.counts)


def message(topic: str, header: Header) -> Any:
    match topic:
        case "arm/command":
            return ArmCommand(header=header, target=pose_message(HERE), gripper_width=0.04, source="policy")
        case "arm/target_pose":
            return PoseStamped(header=header, pose=pose_message(HERE))
        case "arm/target_twist":
            return TwistStamped(header=header)
    return Teleop(header=header, device="keyboard", enabled=True, touched=True)


SOURCES = {
    "arm/command": "policy", "arm/target_pose": "target_pose", "arm/target_twist": "target_twist",
    "teleop": "teleop/keyboard",
}  # fmt: skip
DATED = sorted(set(SOURCES) - {"arm/command"})


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    made = Door(monkeypatch)
    yield made
    made.lab.session.close()


@pytest.mark.parametrize("topic", ["arm/command", "teleop"])
def test_a_command_of_another_lab_is_refused_and_both_are_named(
    target: Door, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "lab-1")
    sent = message(topic, Header(stamp=time_from(NOW_NS)))
    sent.graph = "lab-2"
    target.node.heard[topic](sent)
    assert target.lab.step().source == "" and target.counts["graph"] == 1
    assert "from another graph, lab-2, is refused, as this robot belongs to lab-1" in target.node.said[-1]
    sent.graph = "lab-1"
    target.node.heard[topic](sent)
    assert target.lab.step().source == SOURCES[topic] and target.counts["graph"] == 1


@pytest.mark.parametrize("topic", SOURCES)
@pytest.mark.parametrize("frame", ["", FR3.base_frame])
def test_a_command_in_the_base_frame_is_followed(target: Door, topic: str, frame: str) -> None:
    assert target.send(topic, frame) == SOURCES[topic] and not {"frame", "late"} & set(target.counts)
    assert target.node.said == []


@pytest.mark.parametrize("topic", SOURCES)
@pytest.mark.parametrize("frame", ["world", "front_color_optical_frame", "fr3_hand_tcp"])
def test_a_command_in_another_frame_is_refused_and_both_are_named(target: Door, topic: str, frame: str) -> None:
    assert target.send(topic, frame) == "" and target.counts["frame"] == 1
    (said,) = target.node.said
    assert topic in said and repr(frame) in said and "'fr3_link0': transform the command" in said


@pytest.mark.parametrize("topic", DATED)
def test_a_command_of_a_tool_or_a_person_that_was_held_up_is_refused(target: Door, topic: str) -> None:
    """After 0.2 s, which is when silence holds the arm; a burst of old ones is a command no more than silence is."""
    assert target.send(topic, FR3.base_frame, age_s=0.2) == SOURCES[topic]
    target.lab.step(5)
    for age_s in (0.9, 0.5, 0.21):
        assert target.send(topic, FR3.base_frame, age_s) == ""
    assert target.counts["late"] == 3
    assert f"a command on {topic} is 0.90 s old" in target.node.said[-3] and "clocks" in target.node.said[-1]
    assert target.send(topic, FR3.base_frame, age_s=-0.3) == "" and "0.30 s ahead" in target.node.said[-1]


def test_a_policys_stamp_is_that_of_the_state_it_answers(target: Door) -> None:
    assert target.send("arm/command", FR3.base_frame, age_s=30.0) == "policy"


@pytest.mark.parametrize(("frame", "age_s"), [("world", 0.0), ("", 0.5)])
def test_a_late_hand_is_no_hand_on_the_dead_mans_switch(target: Door, frame: str, age_s: float) -> None:
    target.lab.interlocks.dead_man = True
    target.send("teleop", frame, age_s)
    assert "dead-man switch" in target.lab.interlocks.dead_man_reason(target.lab.arm.now)
    target.send("teleop")
    assert target.lab.interlocks.dead_man_reason(target.lab.arm.now) == ""


def test_a_node_that_is_not_active_neither_counts_nor_complains(target: Door) -> None:
    target.node.active = False
    for topic in SOURCES:
        assert target.send(topic, "world") == ""
    assert target.node.said == [] and "frame" not in target.counts


def test_a_name_that_never_ends_does_not_fill_the_log() -> None:
    assert len(header_checks.elsewhere("teleop", "x" * 100_000, FR3.base_frame)) < 500


def test_a_command_in_joints_is_followed_and_its_pose_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door(monkeypatch)
    for _ in range(5):
        joints = [*JOINTS[:6], JOINTS[6] + 0.1]
        nowhere = Pose(position=Point(x=math.nan), orientation=Quaternion(w=0.0))
        door.node.heard["arm/command"](ArmCommand(joints=joints, target=nowhere, gripper_width=0.03, source="policy"))
        report = door.lab.step()
    assert report.source == "policy" and report.command is not None and report.reason == ""
    assert report.command.target.joints is not None and report.command.target.joints[6] > JOINTS[6] + 0.01
    assert report.command.target.width == 0.03 and door.node.said == []


def test_a_command_without_a_width_leaves_the_gripper_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door(monkeypatch)
    for width, told in ((0.03, 0.03), (math.nan, 0.03), (0.08, 0.08)):
        door.node.heard["arm/command"](ArmCommand(target=pose_message(HERE), gripper_width=width, source="policy"))
        report = door.lab.step()
        assert report.command is not None and report.command.target.width == told and report.reason == ""
