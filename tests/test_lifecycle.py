"""Every transition of every managed node, from every state, as `ros2 lifecycle` requests them."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")
pytest.importorskip("mujoco")

from fake_camera import Scripted  # noqa: E402
from fci_driver import own_hostname  # noqa: E402
from lifecycle_harness import LifecycleClient, LifecycleHarness  # noqa: E402
from listener import start_node, stop_node  # noqa: E402
from path_bag import path_bag  # noqa: E402
from tiny import tiny_base  # noqa: E402
from zprl_bringup.runner.ros_domain import own_domain  # noqa: E402
from zprl_core.observation import Pose  # noqa: E402
from zprl_core.ros.managed_node import ManagedNode  # noqa: E402
from zprl_core.ros.qos import STATUS  # noqa: E402
from zprl_episodes.ros.episode_node import EpisodeNode  # noqa: E402
from zprl_episodes.ros.operator_node import OperatorNode  # noqa: E402
from zprl_episodes.ros.player_node import PlayerNode  # noqa: E402
from zprl_episodes.ros.recorder_node import RecorderNode  # noqa: E402
from zprl_hardware.cameras.camera import Frame  # noqa: E402
from zprl_hardware.ros.camera_node import CameraNode  # noqa: E402
from zprl_hardware.ros.pose_recorder_node import PoseRecorderNode  # noqa: E402
from zprl_hardware.ros.ros2_control_arm_node import Ros2ControlArmNode  # noqa: E402
from zprl_learner.ros.learner_node import LearnerNode  # noqa: E402
from zprl_msgs.msg import PolicyStatus  # noqa: E402
from zprl_policy.ros.policy_node import PolicyNode  # noqa: E402
from zprl_sim.ros.controller_node import ControllerNode  # noqa: E402
from zprl_sim.ros.expert_node import ExpertNode  # noqa: E402
from zprl_sim.ros.fci_node import FciNode  # noqa: E402
from zprl_sim.ros.mujoco_arm_node import MujocoArmNode  # noqa: E402
from zprl_sim.ros.renderer_node import RendererNode  # noqa: E402
from zprl_sim.ros.sim_node import SimNode  # noqa: E402
from zprl_teleop.ros.teleop_node import TeleopNode  # noqa: E402
from zprl_view.ros.foxglove_node import FoxgloveNode  # noqa: E402
from zprl_view.ros.view_node import ViewNode  # noqa: E402

pytestmark = pytest.mark.ros

WALK = (  # each transition, and the state after it; the ones that end where they began are refused
    *(("activate", "unconfigured"), ("deactivate", "unconfigured"), ("cleanup", "unconfigured")),
    *(("configure", "inactive"), ("configure", "inactive"), ("deactivate", "inactive")),
    *(("activate", "active"), ("activate", "active"), ("configure", "active"), ("cleanup", "active")),
    *(("deactivate", "inactive"), ("deactivate", "inactive"), ("activate", "active"), ("deactivate", "inactive")),
    *(("cleanup", "unconfigured"), ("cleanup", "unconfigured"), ("configure", "inactive"), ("cleanup", "unconfigured")),
    *(("configure", "inactive"), ("activate", "active"), ("shutdown", "finalized")),
    *((name, "finalized") for name in ("configure", "activate", "deactivate", "cleanup", "shutdown")),
)


class Film(Scripted):
    """A camera with a new image every 30 ms."""

    def read(self) -> Frame | None:
        time.sleep(0.03)
        return super().read()


def film() -> CameraNode:
    return CameraNode(lambda settings: Film("new"))


def franka() -> ManagedNode:
    pytest.importorskip("franky")
    from zprl_hardware.ros.franka_arm_node import FrankyArmNode

    return FrankyArmNode()


NODES: dict[str, tuple[Callable[[], ManagedNode], tuple[str, ...]]] = {
    "learner": (LearnerNode, ("base:={folder}/base", "run_folder:={folder}/run", "nice:=0")),
    "policy": (PolicyNode, ("base:={folder}/base", "state_folder:={folder}/robot", "mode:=finetune")),
    "episode": (EpisodeNode, ()),
    "operator": (OperatorNode, ()),
    "recorder": (RecorderNode, ("folder:={folder}/bags", "topics:=['arm/status']")),
    "player": (PlayerNode, ("bag:={folder}/path",)),
    "sim": (SimNode, ()),
    "expert": (ExpertNode, ()),
    "mujoco arm": (MujocoArmNode, ()),
    "fci": (FciNode, ("hostname:={hostname}",)),
    "controllers": (ControllerNode, ()),
    "scene cameras": (RendererNode, ()),
    "franka arm": (franka, ("franky.hostname:={hostname}",)),
    "ros2_control arm": (
        Ros2ControlArmNode,
        (
            "ros2_control.urdf_source:=topic", "ros2_control.gripper:=gripper_command",
            "ros2_control.joint_states:=/robot/joint_states",
        ),
    ),
    "camera": (film, ()),
    "pose recorder": (PoseRecorderNode, ("folder:={folder}/pictures",)),
    "gamepad": (TeleopNode, ("device:=gamepad", "direct:=false")),
    "foxglove": (FoxgloveNode, ("port:=0",)),
    "view": (ViewNode, ("objects:=[cube]", "cameras:=[front]")),
}  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    tiny_base(folder / "base")
    path_bag(folder / "path", [Pose((0.4 + 0.01 * k, 0.0, 0.2)) for k in range(3)], (0.08,) * 3)
    return folder


@pytest.fixture
def domain() -> Iterator[int]:
    with own_domain() as domain:
        yield domain


@pytest.fixture(params=NODES)
def start(
    request: pytest.FixtureRequest, base: Path, tmp_path: Path, domain: int
) -> Iterator[Callable[[], LifecycleHarness]]:
    make, parameters = NODES[request.param]
    for name in ("base", "path"):
        (tmp_path / name).symlink_to(base / name)
    given = [each.format(folder=tmp_path, hostname=own_hostname()) for each in parameters]
    open_ones: list[LifecycleHarness] = []

    def start() -> LifecycleHarness:
        while open_ones:
            open_ones.pop().close()
        open_ones.append(LifecycleHarness(domain, make, *given))
        return open_ones[0]

    yield start
    while open_ones:
        open_ones.pop().close()


def test_every_transition_from_every_state(start: Callable[[], LifecycleHarness]) -> None:
    harness, before = start(), "unconfigured"
    for name, after in WALK:
        assert harness.client.change(name) == (after != before), f"{name} from {before}"
        assert harness.client.state() == after
        harness.lives()
        if after in ("unconfigured", "finalized"):
            assert harness.entities() == harness.created
        before = after
    assert harness.node.finalized
    for states in ((), ("configure",)):
        harness = start()
        assert all(map(harness.client.change, states)) and harness.client.change("shutdown")
        assert harness.node.finalized and harness.client.state() == "finalized"


@pytest.mark.parametrize("error", [ValueError, RuntimeError], ids=["input", "bug"])
def test_a_node_whose_configuration_failed_at_its_end_can_be_configured_again(
    start: Callable[[], LifecycleHarness], error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = start()
    configure = harness.node.configure

    def fails() -> None:
        configure()
        raise error("at its end")

    for _ in range(2):
        monkeypatch.setattr(harness.node, "configure", fails)
        assert not harness.client.change("configure") and harness.client.state() == "unconfigured"
        assert harness.entities() == harness.created
        monkeypatch.setattr(harness.node, "configure", configure)
        assert harness.client.change("configure") and harness.client.change("activate")
        harness.lives()
        assert harness.client.change("deactivate") and harness.client.change("cleanup")


@pytest.mark.parametrize("state", ["unconfigured", "inactive", "active"])
def test_a_process_ends_with_0_after_its_shutdown(state: str, base: Path, domain: int, tmp_path: Path) -> None:
    node = start_node(
        domain, ["-m", "zprl_policy.ros.policy_node"], f"base:={base / 'base'}", f"state_folder:={tmp_path}",
        "mode:=finetune", f"autostart:={str(state == 'active').lower()}",
    )  # fmt: skip
    client = LifecycleClient(domain, "/policy")
    client.hear(PolicyStatus, "policy/status", STATUS)
    try:
        client.until(client.ready)
        if state == "inactive":
            assert client.change("configure")
        client.until(lambda: client.state() == state)
        if state == "active":
            client.until(lambda: client.heard["policy/status"])  # so that the last one will be heard too
        assert client.change("shutdown")
        assert node.wait(600) == 0
        if state == "active":
            client.until(lambda: client.heard["policy/status"][-1].mode == PolicyStatus.INACTIVE)
    finally:
        stop_node(node)
        client.close()


def test_a_learner_process_is_configured_again_and_a_second_learner_is_not(
    base: Path, domain: int, tmp_path: Path
) -> None:
    words = (f"base:={base / 'base'}", f"run_folder:={tmp_path / 'run'}", "nice:=0")
    node = start_node(domain, ["-m", "zprl_learner.ros.learner_node"], *words)
    client = LifecycleClient(domain, "/learner")
    try:
        client.until(lambda: client.ready() and client.state() == "active")
        for _ in range(2):
            assert all(map(client.change, ("deactivate", "cleanup", "configure", "activate")))
        second = start_node(domain, ["-m", "zprl_learner.ros.learner_node"], *words)
        _, said = second.communicate(timeout=600)
        assert second.returncode == 2 and "another learner writes" in said
        assert client.change("shutdown") and node.wait(600) == 0
    finally:
        stop_node(node)
        client.close()
