"""Robot gazebo: its nodes, and which settings are refused."""

from pathlib import Path
from typing import Any

import pytest

from zprl_bringup.graph.graphs import demos_graph, finetune_graph
from zprl_bringup.graph.robots.gazebo import FIXED
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import NodeSpec
from zprl_bringup.graph.station import load_station
from zprl_core.config.flatten import flatten
from zprl_hardware.ros2_control.config import Ros2ControlConfig
from zprl_sim.gazebo.settings import GazeboSceneSettings


def settings(tmp_path: Path, text: str = "{}", **changes: Any) -> GraphSettings:
    (tmp_path / "station.yaml").write_text(text)
    station = load_station(tmp_path / "station.yaml")
    given = {"base": Path("/base"), "task": "pick_to_tray", "lockstep": False, **changes}
    return GraphSettings("run", tmp_path, RunOptions(robot="gazebo", **given), station=station)


def nodes(made: GraphSettings) -> dict[str, NodeSpec]:
    return {node.full_name: node for node in finetune_graph(made).nodes}


def test_the_graph_has_the_scene_and_the_arm_but_no_simulation_and_no_operator(tmp_path: Path) -> None:
    found = nodes(settings(tmp_path, seed=5, deployed=False))
    assert set(found) == {"/learner", "/zprl/arm", "/zprl/gazebo_scene", "/zprl/policy", "/zprl/episode"}
    scene, arm = found["/zprl/gazebo_scene"], found["/zprl/arm"]
    assert scene.parameters == {"scene.task": "pick_to_tray", "scene.seed": 5, "scene.deployed": False}
    assert arm.executable == "ros2_control_arm_node" and arm.is_arm and arm.respawn
    assert arm.parameters["enable_at_start"] is True and arm.parameters["scene_resets"] is True
    assert FIXED.items() <= arm.parameters.items()
    assert found["/zprl/episode"].parameters["automatic"] is True
    assert found["/zprl/policy"].parameters["task"] == "pick_to_tray"
    assert dict(found["/zprl/policy"].remappings)["replay"] == "/replay"


def test_the_scripted_expert_can_play_there(tmp_path: Path) -> None:
    found = {node.full_name: node.executable for node in demos_graph(settings(tmp_path, base=None)).nodes}
    assert found["/zprl/policy"] == "expert_node" and "/zprl/gazebo_scene" in found


def test_the_nodes_know_their_parameters(tmp_path: Path) -> None:
    found = nodes(settings(tmp_path))
    assert found["/zprl/gazebo_scene"].parameters.keys() <= flatten(GazeboSceneSettings()).keys()
    driver = {name for name in found["/zprl/arm"].parameters if name.startswith("ros2_control.")}
    assert driver <= {f"ros2_control.{name}" for name in flatten(Ros2ControlConfig())}


def test_a_station_may_change_what_does_not_follow_from_the_world(tmp_path: Path) -> None:
    text = "limits: {state_s: 0.9}\ndriver: {ros2_control: {silence_s: 0.8, joint_speed: 0.5}}"
    arm = nodes(settings(tmp_path, text))["/zprl/arm"].parameters
    assert (arm["limits.state_s"], arm["ros2_control.silence_s"], arm["ros2_control.joint_speed"]) == (0.9, 0.8, 0.5)
    assert arm["ros2_control.lost_s"] == 5.0


@pytest.mark.parametrize(
    ("text", "changes", "why"),
    [
        ("{}", {"task": "lift"}, "is that of task pick_to_tray, not of lift; set task to pick_to_tray"),
        ("{}", {"cameras": ("front",)}, "no cameras, but front are observed or asked for"),
        ("{}", {"lockstep": True}, "set lockstep to false"),
        ("{}", {"robots": 2}, "and robots to 1"),
        ("{}", {"hostname": "10.0.0.5"}, "remove hostname"),
        (
            "driver: {ros2_control: {gripper: none}}",
            {},
            r"sets driver\.ros2_control\.gripper, but .*robot ros2-control",
        ),
        ("driver: {ros2_control: {stream_rate: 5.0}}", {}, "stream_rate is 5"),
        ("limits: {low: [-0.6, -0.6, 0.0, -0.2, -0.2, -2.8], high: [-0.2, 0.6, 0.4, 0.2, 0.2, 2.8]}", {}, "x 0.450"),
    ],
)
def test_what_cannot_work_is_refused(tmp_path: Path, text: str, changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        settings(tmp_path, text, **changes)
