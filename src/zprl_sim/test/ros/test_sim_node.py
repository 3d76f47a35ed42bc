"""The sim node from outside, as the policy sees it: topics, service, exit codes."""

import os
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from geometry_msgs.msg import PoseStamped  # noqa: E402
from sensor_msgs.msg import CameraInfo, Image, JointState  # noqa: E402
from std_msgs.msg import String  # noqa: E402
from tf2_msgs.msg import TFMessage  # noqa: E402

from can_render import needs_renderer  # noqa: E402
from listener import Listener, start_node, stop_node  # noqa: E402
from zprl_core.arm_model import FR3  # noqa: E402
from zprl_core.arms.fr3 import urdf  # noqa: E402
from zprl_core.host.own_graph import VARIABLE  # noqa: E402
from zprl_core.observation import Pose  # noqa: E402
from zprl_core.ros.conversions import ns_from  # noqa: E402
from zprl_core.ros.poses import tool_message  # noqa: E402
from zprl_core.ros.qos import LATCHED  # noqa: E402
from zprl_msgs.msg import ArmCommand, ArmStatus, SuccessDetection  # noqa: E402
from zprl_msgs.srv import Reset  # noqa: E402

pytestmark = pytest.mark.ros

LOCKSTEP_DOMAIN = 91 + os.getpid() % 5  # one robot each
OTHER_DOMAIN = LOCKSTEP_DOMAIN + 5
STEP_NS = 50_000_000


def start(domain: int, *parameters: str) -> "subprocess.Popen[str]":
    return start_node(domain, ["-m", "zprl_sim.ros.sim_node"], *parameters)


class Client(Listener):
    """Hears every topic of one simulated robot, and keeps what it heard by topic."""

    def __init__(self, domain: int) -> None:
        super().__init__(domain)
        kinds = {
            "joint_states": JointState,
            "arm/current_pose": PoseStamped,
            "objects/cube/pose": PoseStamped,
            "arm/status": ArmStatus,
            "success": SuccessDetection,
            "camera/front/color/image_raw": Image,
        }
        for topic, kind in kinds.items():
            self.hear(kind, topic, 1000)
        self.command = self.node.create_publisher(ArmCommand, "arm/command", 10)
        self.reset = self.node.create_client(Reset, "reset")

    def ready(self) -> None:
        """Both directions are connected, and every state topic was heard."""
        states = [topic for topic in self.heard if not topic.startswith("camera")]
        self.until(lambda: all(self.heard[t] for t in states) and self.command.get_subscription_count() > 0)

    def newest(self) -> SuccessDetection:
        return self.heard["success"][-1]

    def answer(self, state: SuccessDetection, x: float = 0.5, width: float = 0.08, graph: str = "") -> None:
        command = ArmCommand(source="test", gripper_width=width, target=tool_message(Pose((x, 0.0, 0.2), 0.0)))
        command.graph = graph
        command.header.stamp = state.header.stamp
        self.command.publish(command)

    def asks_reset(self, seed: int) -> Reset.Response:
        self.until(self.reset.service_is_ready)
        future = self.reset.call_async(Reset.Request(seed=seed))
        self.until(future.done)
        return future.result()


@pytest.fixture
def client() -> Iterator[Client]:
    client = Client(LOCKSTEP_DOMAIN)
    yield client
    client.close()


@pytest.fixture(scope="module")
def lockstep() -> Iterator["subprocess.Popen[str]"]:
    process = start(LOCKSTEP_DOMAIN, "lockstep:=true", "seed:=3")
    yield process
    assert stop_node(process) == 0


def stamps(messages: list[Any]) -> list[int]:
    return [ns_from(m.header.stamp) for m in messages]


def newest_stamps(client: Listener) -> set[int]:
    """Of all topics; the messages of one state come one after the other."""
    return {stamps(heard)[-1] for heard in client.heard.values() if heard}


def test_one_command_is_exactly_one_step(lockstep: object, client: Client) -> None:
    client.ready()
    client.asks_reset(1)
    client.until(lambda: client.newest().step == 0)
    client.heard["success"].clear()
    client.heard["joint_states"].clear()
    client.until(lambda: bool(client.heard["success"]))  # sent again on silence
    for n in range(30):
        state = client.newest()
        client.answer(state)
        client.answer(state)  # twice: the second finds another state
        client.until(lambda n=n: client.newest().step > n)
        assert client.newest().step == n + 1
    fresh = sorted(set(stamps(client.heard["success"])))
    assert np.all(np.diff(fresh) == STEP_NS)
    assert len(fresh) == 31
    assert set(stamps(client.heard["joint_states"])) <= set(fresh)


def test_silence_sends_the_state_again_and_steps_nothing(lockstep: object, client: Client) -> None:
    client.ready()
    client.asks_reset(2)
    client.until(lambda: client.newest().step == 0)
    client.heard["success"].clear()
    client.until(lambda: len(client.heard["success"]) == 3)
    assert len(set(stamps(client.heard["success"]))) == 1


def test_the_end_halts_until_the_reset(lockstep: object, client: Client) -> None:
    client.ready()
    client.asks_reset(3)
    client.until(lambda: client.newest().step == 0)
    while not client.newest().ended:
        step = client.newest().step
        client.answer(client.newest())
        client.until(lambda step=step: client.newest().step > step)
    last = client.newest()
    client.answer(last)
    client.heard["success"].clear()
    client.until(lambda: len(client.heard["success"]) == 2)
    assert client.newest().step == last.step
    response = client.asks_reset(4)
    assert response.success
    assert ns_from(response.stamp) == ns_from(last.header.stamp) + STEP_NS
    client.until(lambda: client.newest().step == 0)
    assert client.newest().header.stamp == response.stamp


def test_all_streams_of_a_state_have_one_stamp_and_sensible_numbers(lockstep: object, client: Client) -> None:
    client.ready()
    client.asks_reset(5)
    client.until(lambda: client.newest().step == 0)
    client.answer(client.newest(), x=0.9, width=0.02)
    client.until(lambda: client.newest().step == 1 and len(newest_stamps(client)) == 1)
    joints, status = client.heard["joint_states"][-1], client.heard["arm/status"][-1]
    assert list(joints.name) == FR3.joint_names
    assert len(joints.position) == len(joints.velocity) == 9
    assert (status.mode, status.clipped, status.executed_width) == (ArmStatus.STREAM, True, 0.02)
    assert status.reason.startswith("x=0.900 is outside")


def test_a_command_that_is_not_finite_is_held(lockstep: object, client: Client) -> None:
    client.ready()
    client.asks_reset(6)
    client.until(lambda: client.newest().step == 0)
    client.answer(client.newest(), x=float("nan"))
    client.until(lambda: "not finite" in client.heard["arm/status"][-1].reason)
    assert client.heard["arm/status"][-1].mode == ArmStatus.HOLD


def test_real_time_goes_on_without_commands_holds_on_silence_and_shows_pictures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, "lab-1")
    client = Client(OTHER_DOMAIN)
    process = start(OTHER_DOMAIN, "lockstep:=false", "cameras:=[front]", "camera_rate:=5.0")
    try:
        client.ready()
        images = client.heard["camera/front/color/image_raw"]
        client.until(lambda: len(client.heard["success"]) > 20 and images)
        assert set(np.diff(stamps(client.heard["success"]))) == {STEP_NS}
        assert client.heard["arm/status"][-1].mode == ArmStatus.HOLD
        assert (images[-1].height, images[-1].width, len(images[-1].data)) == (128, 128, 3 * 128 * 128)
        client.answer(client.newest(), graph="lab-2")  # of another lab in this domain
        later = len(client.heard["success"]) + 20
        client.until(lambda: len(client.heard["success"]) > later)
        assert ArmStatus.STREAM not in {s.mode for s in client.heard["arm/status"]}
        client.answer(client.newest())
        client.until(lambda: any(s.mode == ArmStatus.STREAM for s in client.heard["arm/status"]))
        assert client.asks_reset(-1).success
    finally:
        client.close()
        assert stop_node(process, signal.SIGTERM) == 0


@needs_renderer
def test_observed_cameras_come_with_every_state_and_no_object_does() -> None:
    client = Client(OTHER_DOMAIN)
    client.hear(Image, "camera/wrist/color/image_raw", 100)
    client.hear(CameraInfo, "camera/wrist/color/camera_info", 100)
    client.hear(TFMessage, "/tf_static", LATCHED)
    depth = "camera/wrist/aligned_depth_to_color"
    client.hear(Image, f"{depth}/image_raw", 100)
    client.hear(CameraInfo, f"{depth}/camera_info", 100)
    colors = tuple(f"camera/{name}/color/image_raw" for name in ("front", "wrist"))
    states = ("joint_states", "arm/current_pose", *colors, f"{depth}/image_raw", f"{depth}/camera_info")
    process = start(OTHER_DOMAIN, "lockstep:=true", "obs:=rgbd", "cameras:=[front]", "camera_rate:=1.0")
    try:
        client.until(lambda: all(client.heard[topic] for topic in states) and client.command.get_subscription_count())
        for step in (1, 2, 3):
            tool = client.heard["arm/current_pose"][-1]
            client.command.publish(ArmCommand(header=tool.header, target=tool.pose, gripper_width=0.06, source="test"))
            client.until(lambda step=step: client.newest().step == step)
            stamp = ns_from(client.newest().header.stamp)
            client.until(lambda stamp=stamp: all(stamps(client.heard[topic])[-1] == stamp for topic in states))
        assert not client.heard["objects/cube/pose"] and not client.node.count_publishers("objects/cube/pose")
        image, info = (client.heard[f"camera/wrist/color/{name}"][-1] for name in ("image_raw", "camera_info"))
        assert (image.height, image.width, image.encoding, image.header) == (128, 128, "rgb8", info.header)
        assert (info.width, info.height, info.k[2], info.k[5]) == (128, 128, 63.5, 63.5)
        far, lens = (client.heard[f"{depth}/{name}"][-1] for name in ("image_raw", "camera_info"))
        assert (far.encoding, far.step, far.header) == (
            "16UC1",
            256,
            image.header,
        ) and lens.k.tolist() == info.k.tolist()
        client.until(lambda: client.heard["/tf_static"])
        mounts = {t.child_frame_id: t.header.frame_id for t in client.heard["/tf_static"][-1].transforms}
        assert mounts == {"front_optical_frame": "fr3_link0", info.header.frame_id: "fr3_hand_tcp"}
    finally:
        client.close()
        assert stop_node(process) == 0


def test_two_arms_have_namespaces_and_step_together() -> None:
    client = Listener(OTHER_DOMAIN)
    client.hear(SuccessDetection, "success", 1000)
    commands = {}
    for arm in ("left", "right"):
        client.hear(JointState, f"{arm}/joint_states", 1000)
        client.hear(PoseStamped, f"{arm}/arm/current_pose", 1000)
        client.hear(ArmStatus, f"{arm}/arm/status", 1000)
        commands[arm] = client.node.create_publisher(ArmCommand, f"{arm}/arm/command", 10)

    def answer(arm: str) -> None:
        tool = client.heard[f"{arm}/arm/current_pose"][-1]
        commands[arm].publish(ArmCommand(header=tool.header, target=tool.pose, gripper_width=0.06, source="test"))

    process = start(OTHER_DOMAIN, "task:=two_arm_lift", "lockstep:=true")
    try:
        connected = [publisher.get_subscription_count for publisher in commands.values()]
        client.until(lambda: all(client.heard.values()) and all(count() for count in connected))
        answer("left")
        answer("left")  # again: the right one's is still missing
        client.heard["success"].clear()
        client.until(lambda: len(client.heard["success"]) == 2)
        assert client.heard["success"][-1].step == 0
        answer("right")
        client.until(lambda: client.heard["success"][-1].step == 1 and len(newest_stamps(client)) == 1)
        for arm in ("left", "right"):
            status = client.heard[f"{arm}/arm/status"][-1]
            assert (status.mode, status.executed_width, status.header.frame_id) == (ArmStatus.STREAM, 0.06, "world")
            assert len(client.heard[f"{arm}/joint_states"][-1].position) == 9
            client.hear(String, f"{arm}/robot_description", LATCHED)
            client.until(lambda arm=arm: client.heard[f"{arm}/robot_description"])
            assert client.heard[f"{arm}/robot_description"][0].data == urdf()
    finally:
        client.close()
        assert stop_node(process) == 0


@pytest.mark.parametrize(
    ("parameter", "message"),
    [("task:=fly", "unknown task 'fly'; known tasks are"), ("cameras:=[back]", "unknown cameras back")],
)
def test_nonsense_is_one_line_and_exit_code_2(parameter: str, message: str) -> None:
    process = start(OTHER_DOMAIN, parameter)
    _, errors = process.communicate(timeout=600)
    assert process.returncode == 2
    assert message in errors
    assert len(errors.strip().splitlines()) == 1
