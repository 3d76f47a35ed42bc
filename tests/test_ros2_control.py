"""Episodes of a policy on a robot behind ros2_control: the graph of robot ros2-control-sim, from outside."""

import os
from pathlib import Path

import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")
pytest.importorskip("trajectory_msgs", reason="ROS 2 has no trajectory_msgs: make setup")

from listener import Listener  # noqa: E402
from tiny import tiny_base  # noqa: E402
from zprl.checkpoints.checkpoint import save_base  # noqa: E402
from zprl.models.base_policy import BasePolicy  # noqa: E402
from zprl.models.config import BaseConfig  # noqa: E402
from zprl.rl.config import Mode  # noqa: E402
from zprl_bringup.graph.graphs import evaluate_graph  # noqa: E402
from zprl_bringup.graph.run_options import RunOptions  # noqa: E402
from zprl_bringup.graph.settings import GraphSettings  # noqa: E402
from zprl_bringup.graph.station import load_station  # noqa: E402
from zprl_bringup.runner.ros_domain import own_domain  # noqa: E402
from zprl_bringup.runner.runner import Runner  # noqa: E402
from zprl_core.ros.qos import EVENTS, STATE  # noqa: E402
from zprl_msgs.msg import ArmStatus, EpisodeEvent  # noqa: E402
from zprl_sim.tasks.lift_in_joints import LIFT_IN_JOINTS  # noqa: E402

pytestmark = pytest.mark.ros
TRAJECTORY = "command_interface: joint_trajectory, controller: /joint_trajectory_controller"
PATIENT = "limits: {state_s: 1.0}\ndriver: {ros2_control: {silence_s: 0.9, lost_s: 3.0"  # machines are noisy


def joint_base(folder: Path) -> None:
    """A base that commands joints, and has learned nothing."""
    config = BaseConfig(LIFT_IN_JOINTS.observation, n_action_steps=4, hidden=8, action=LIFT_IN_JOINTS.action)
    save_base(folder, BasePolicy(config))


@pytest.mark.parametrize(
    ("in_joints", "driver"),
    [(False, ""), (False, ", command_interface: cartesian"), (True, ""), (True, f", {TRAJECTORY}")],
    ids=["tool by forward_position", "tool by cartesian", "joints by forward_position", "joints by joint_trajectory"],
)
def test_a_policy_has_an_episode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_joints: bool, driver: str) -> None:
    (joint_base if in_joints else tiny_base)(tmp_path / "base")
    (tmp_path / "station.yaml").write_text(f"{PATIENT}{driver}}}}}\n")
    task = "lift_in_joints" if in_joints else "lift"
    options = RunOptions(base=tmp_path / "base", task=task, robot="ros2-control-sim", lockstep=False, time_limit_s=4.0)
    station = load_station(tmp_path / "station.yaml")
    settings = GraphSettings("run", tmp_path, options, station=station, mode=Mode.BASE)
    graph = evaluate_graph(settings)
    with own_domain() as domain:
        for key, value in {**graph.env, "ROS_DOMAIN_ID": str(domain)}.items():
            monkeypatch.setenv(key, value)
        with Runner(graph, tmp_path / "logs", env=os.environ):
            followed = steps(domain, 20)
    assert all(status.source == "policy/base" for status in followed)
    assert all(bool(status.executed_joints) == in_joints for status in followed)


def steps(domain: int, count: int) -> list[ArmStatus]:
    """What the arm did when it followed the policy, in as many episodes as more than `count` steps take."""
    client = Listener(domain)
    client.hear(EpisodeEvent, "episode/event", EVENTS)
    client.hear(ArmStatus, "zprl/arm/status", STATE)
    try:
        events = client.heard["episode/event"]

        def followed() -> list[ArmStatus]:
            return [status for status in client.heard["zprl/arm/status"] if status.mode == ArmStatus.STREAM]

        client.until(lambda: any(event.kind != EpisodeEvent.STARTED for event in events) and len(followed()) > count)
        return followed()
    finally:
        client.close()
