"""Robots behind ros2_control: the nodes, and which settings are refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from zprl.checkpoints.checkpoint import save_base
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl_bringup.graph.graphs import evaluate_graph, finetune_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import NodeSpec
from zprl_bringup.graph.station import load_station
from zprl_core.action_spec import ActionSpec
from zprl_core.arm_action import ArmAction, JointAction
from zprl_core.arm_model import FR3
from zprl_core.config.flatten import flatten
from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec, arm_observation
from zprl_sim.controller_settings import ControllerSettings

STATION = """
task: stack
limits:
  low: [0.3, -0.3, 0.05, -0.2, -0.2, -2.8]
  high: [0.65, 0.3, 0.45, 0.2, 0.2, 2.8]
  joint_low: [-6.28, -6.28, -3.14, -6.28, -6.28, -6.28]
  joint_high: [6.28, 6.28, 3.14, 6.28, 6.28, 6.28]
driver:
  ros2_control:
    joints: [a, b, c, d, e, f]
    home_joints: [0.0, -1.57, 1.57, -1.57, -1.57, 0.0]
    base_frame: base_link
    urdf_source: topic
"""


def settings(tmp_path: Path, text: str = "", robot: str = "ros2-control-sim", **changes: Any) -> GraphSettings:
    (tmp_path / "station.yaml").write_text(text or "task: lift")
    station = load_station(tmp_path / "station.yaml")
    given = {"base": Path("/base"), **changes}
    return GraphSettings("run", tmp_path, RunOptions(robot=robot, lockstep=False, **given), station=station)


def nodes(made: GraphSettings) -> dict[str, NodeSpec]:
    return {node.full_name: node for node in finetune_graph(made).nodes}


def base_with(tmp_path: Path, action: ArmAction) -> Path:
    observation = arm_observation(("cube",))
    if isinstance(action.motion, JointAction):
        joints = action.motion.joints
        stream = StreamSpec("joints", "joint_states", StreamKind.JOINTS, (len(joints),), "rad", joints=joints)
        observation = ObservationSpec((stream, *observation.streams))
    config = BaseConfig(observation, latent_dim=2, hidden=8, action=ActionSpec((action,)))
    save_base(tmp_path / "base", BasePolicy(config))
    return tmp_path / "base"


def test_a_robot_has_an_operator_and_a_namespace_and_one_learner_hears_it(tmp_path: Path) -> None:
    found = nodes(settings(tmp_path, STATION, "ros2-control"))
    assert set(found) == {"/learner", "/zprl/arm", "/zprl/policy", "/zprl/episode", "/zprl/operator"}
    arm = found["/zprl/arm"]
    assert arm.parameters["ros2_control.joints"] == list("abcdef") and arm.parameters["enable_at_start"] is False
    assert arm.parameters["limits.joint_low"][0] == -6.28 and not arm.respawn  # type: ignore[index]
    assert dict(found["/zprl/policy"].remappings)["replay"] == "/replay"


@pytest.mark.parametrize(
    ("driver", "controller", "topic"),
    [
        ("{}", "forward_position", {"forward_commands": "/forward_position_controller/commands"}),
        ("{command_interface: cartesian}", "cartesian", {"target_pose": "/target_pose"}),
        (
            "{command_interface: joint_trajectory, controller: /jtc, gripper: none}", "joint_trajectory",
            {"trajectory_commands": "/jtc/joint_trajectory"},
        ),
    ],
    ids=["forward", "cartesian", "trajectory"],
)  # fmt: skip
def test_the_simulated_controllers_are_those_that_the_driver_expects(
    tmp_path: Path, driver: str, controller: str, topic: dict[str, str]
) -> None:
    found = nodes(settings(tmp_path, f"driver: {{ros2_control: {driver}}}"))
    controllers = found["/zprl/controllers"].parameters
    assert controllers["controller"] == controller and controllers["scene.task"] == "lift"
    assert topic.items() <= controllers.items() and found["/zprl/arm"].parameters["enable_at_start"] is True
    assert "/zprl/operator" not in found


def test_the_controllers_know_their_parameters(tmp_path: Path) -> None:
    assert nodes(settings(tmp_path))["/zprl/controllers"].parameters.keys() <= flatten(ControllerSettings()).keys()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("driver: {ros2_control: {joint: [a]}}", "no setting 'joint'; did you mean joints"),
        ("driver: {ros2_control: {stream_rate: 5.0}}", "stream_rate is 5"),
        ("driver: {ros2_control: {urdf_source: none}}", "there is no URDF"),
        ("limits: {width: 0.1}", "lower limits.width"),
    ],
)
def test_what_is_wrong_with_the_driver_is_told_before_anything_starts(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        settings(tmp_path, text)


SIX = "limits: {joint_low: [-2, -2, -2, -2, -2, -2], joint_high: [2, 2, 2, 2, 2, 2]}"
BEHIND = "limits: {low: [-0.6, -0.6, 0.0, -0.2, -0.2, -2.8], high: [-0.2, 0.6, 0.4, 0.2, 0.2, 2.8]}"


@pytest.mark.parametrize(
    ("robot", "text", "why"),
    [
        ("mujoco", SIX, "have 6 angles, but this robot is an FR3, which has 7 joints; use the robot that the station"),
        ("mujoco", STATION, "have 6 angles, but this robot is an FR3"),
        ("mujoco", BEHIND, r"at the home of the simulated FR3 the tool's x 0\.450 is outside -0\.6\.\.-0\.2 m"),
        ("fci-sim", SIX, "have 6 angles, but this robot is an FR3"),
        ("franky", STATION, "have 6 angles, but this robot is an FR3"),
        ("ros2-control-sim", SIX, "have 6 angles, ros2_control.joints names 7"),
        ("ros2-control-sim", STATION, "joints are a, b, c, d, e, f, but .* is an FR3 .*use robot ros2-control for"),
        ("ros2-control-sim", BEHIND, r"at driver\.ros2_control\.home_joints the tool's x 0\.450 is outside"),
    ],
)
def test_a_station_of_another_arm_is_refused_for_an_fr3(tmp_path: Path, robot: str, text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        settings(tmp_path, text, robot, base=None)


def test_an_arm_is_enabled_at_its_own_home(tmp_path: Path) -> None:
    """Six joints, and a workspace that does not contain the home of an FR3."""
    own = STATION.replace("[0.3, -0.3", "[-0.6, -0.3").replace("[0.65, 0.3", "[-0.2, 0.3")
    assert settings(tmp_path, own, "ros2-control").station.limits.high[0] == -0.2
    with pytest.raises(ValueError, match=r"at ros2_control\.home_joints joint 3 is at 1\.57 rad"):
        settings(tmp_path, own.replace("6.28, 6.28, 3.14", "6.28, 6.28, 1.6"), "ros2-control")


def test_a_base_in_joints_needs_no_urdf(tmp_path: Path) -> None:
    base = base_with(tmp_path, ArmAction(motion=JointAction(FR3.joints)))
    driver = "driver: {ros2_control: {urdf_source: none, gripper: gripper_command}}"
    made = settings(tmp_path, driver, "ros2-control", base=base)
    arm = next(
        node for node in evaluate_graph(replace(made, options=replace(made.options, actor=base))).nodes if node.is_arm
    )
    assert arm.parameters["ros2_control.joint_targets"] is True


@pytest.mark.parametrize(
    ("action", "why"),
    [
        (ArmAction(frame="world"), "the base commands an arm in the frame world"),
        (ArmAction(motion=JointAction(("a", "b"))), "the base commands the joints a, b"),
    ],
)
def test_a_base_for_another_arm_is_refused(tmp_path: Path, action: ArmAction, why: str) -> None:
    base = base_with(tmp_path, action)
    with pytest.raises(ValueError, match=why):
        settings(tmp_path, "driver: {ros2_control: {urdf_source: topic}}", "ros2-control", base=base)
