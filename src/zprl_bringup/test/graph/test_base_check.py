"""A base that does not fit the robot is refused, with a table or with both names."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from zprl.checkpoints.checkpoint import save_base, write_folder
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl.models.vision_config import VisionConfig
from zprl_bringup.graph.base_check import check_one_arm, check_specs, observed
from zprl_bringup.graph.graphs import finetune_graph
from zprl_bringup.graph.robots.robot import RobotSlot
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.station import Station
from zprl_core.action_spec import ActionSpec, VectorAction
from zprl_core.arm_action import ArmAction, JointAction
from zprl_core.arm_model import FR3
from zprl_core.obs import Obs
from zprl_core.observation_spec import ObservationSpec
from zprl_sim.tasks.catalog import task_named
from zprl_sim.tasks.lift import LIFT_CUBE

LIFT = (LIFT_CUBE.observation, LIFT_CUBE.action)


def saved(folder: Path, observation: ObservationSpec, action: ActionSpec) -> Path:
    save_base(folder / "base", BasePolicy(BaseConfig(observation, latent_dim=2, hidden=8, action=action)))
    return folder / "base"


def of_task(folder: Path, name: str) -> Path:
    task = task_named(name)
    return saved(folder, task.observation, task.action)


def test_a_base_of_the_task_fits(tmp_path: Path) -> None:
    check_specs(of_task(tmp_path, "lift"), *LIFT, "task lift")


def test_a_base_may_see_less_than_the_robot_publishes(tmp_path: Path) -> None:
    fewer = ObservationSpec(tuple(s for s in LIFT[0].streams if s.name != "width"))
    check_specs(saved(tmp_path, fewer, LIFT[1]), *LIFT, "task lift")


@pytest.mark.parametrize("base", [None, Path("/no/such/base")])
def test_a_base_that_cannot_be_read_is_left_to_the_policy_node(base: Path | None) -> None:
    check_specs(base, *LIFT, "task lift")
    check_one_arm(base, FR3.base_frame, FR3.joints)


@pytest.mark.parametrize(
    ("robot", "task", "base", "difference"),
    [
        ("sim", "lift", "peg_insert", r"stream peg +no\. 3 +-"),
        ("sim", "lift", "two_arm_lift", r"action\.arms\.left"),
        ("sim", "peg_insert", "angled_insert", r"cartesian\.rotation +rotation_vector +yaw"),
        ("mujoco", "lift", "lift_in_joints", r"stream joints\.topic +joint_states +-"),
        ("fci-sim", "lift", "pick_to_tray", r"stream tray +no\. 4 +-"),
        ("ros2-control-sim", "lift", "peg_insert", r"stream peg +no\. 3 +-"),
    ],
)
def test_a_base_of_another_task_is_refused_with_a_table(
    tmp_path: Path, robot: str, task: str, base: str, difference: str
) -> None:
    options = RunOptions(robot=robot, task=task, lockstep=robot == "sim", base=of_task(tmp_path, base))
    with pytest.raises(ValueError, match=difference):
        GraphSettings("run", tmp_path, options)


@pytest.mark.parametrize(
    ("action", "why"),
    [
        (ActionSpec((ArmAction("left"), ArmAction("right"))), "the base commands left, right, but this robot is one"),
        (ActionSpec((), VectorAction((-1.0,), (1.0,))), "an environment without arms"),
        (ActionSpec((ArmAction(frame="table"),)), "the frame table, but this arm's is fr3_link0"),
    ],
)
def test_a_franka_refuses_a_base_of_another_robot(tmp_path: Path, action: ActionSpec, why: str) -> None:
    two = task_named("two_arm_lift").observation
    streams = two if len(action.arms) == 2 else LIFT[0]
    options = RunOptions(robot="franky", lockstep=False, base=saved(tmp_path, streams, action))
    with pytest.raises(ValueError, match=why):
        GraphSettings("run", tmp_path, options)


def test_an_arm_node_executes_any_action_of_one_arm(tmp_path: Path) -> None:
    task = task_named("lift_in_joints")
    ends = JointAction(FR3.joints, absolute=True, low=FR3.joint_low, high=FR3.joint_high)
    base = saved(tmp_path, task.observation, ActionSpec((ArmAction(motion=ends),)))
    options = RunOptions(robot="mujoco", task=task.name, lockstep=False, base=base)
    assert GraphSettings("run", tmp_path, options).options.base == base
    with pytest.raises(ValueError, match=r"joints\.absolute +True +False"):
        GraphSettings("run", tmp_path, replace(options, robot="sim"))


def test_a_franka_takes_a_base_of_one_arm(tmp_path: Path) -> None:
    options = RunOptions(robot="franky", lockstep=False, base=of_task(tmp_path, "lift"))
    assert replace(GraphSettings("run", tmp_path, options), mode=None).options == options


def test_a_base_that_commands_a_gripper_is_refused_at_an_arm_without_one(tmp_path: Path) -> None:
    with_gripper = of_task(tmp_path, "lift")
    handless = Station(franky=replace(Station().franky, hand=False))
    options = RunOptions(robot="franky", lockstep=False, base=with_gripper)
    GraphSettings("run", tmp_path, options)
    with pytest.raises(ValueError, match=r"has none: franky\.hand is false; change that setting, or use a base whose"):
        GraphSettings("run", tmp_path, options, station=handless)
    parameters: dict[str, str] = {"gripper": "none", "base_frame": "fr3_link0", "urdf_source": "topic"}
    none = Station(driver={f"ros2_control.{name}": value for name, value in parameters.items()})
    with pytest.raises(ValueError, match=r"has none: driver\.ros2_control\.gripper is none"):
        GraphSettings("run", tmp_path, replace(options, robot="ros2-control"), station=none)


def test_a_base_without_a_gripper_part_needs_no_gripper(tmp_path: Path) -> None:
    action = ActionSpec((ArmAction(gripper=None),))
    options = RunOptions(robot="franky", lockstep=False, base=saved(tmp_path, LIFT[0], action))
    GraphSettings("run", tmp_path, options, station=Station(franky=replace(Station().franky, hand=False)))


def of_images(folder: Path, task: str, obs: Obs = Obs.IMAGES) -> Path:
    """A base that observes images, as far as the graph reads it."""
    scene = task_named(task)
    seen = scene.observed(obs)
    config = BaseConfig(seen, latent_dim=2, hidden=8, action=scene.action, vision=VisionConfig())
    write_folder(folder / "base", {}, {"base": config.to_json()})
    return folder / "base"


def test_a_simulated_robot_publishes_what_the_base_observes(tmp_path: Path) -> None:
    base = of_images(tmp_path, "lift")
    assert observed(base) == Obs.IMAGES and observed(None) == Obs.STATE
    assert observed(of_task(tmp_path / "state", "lift")) == Obs.STATE
    deep = of_images(tmp_path / "deep", "lift", Obs.RGBD)
    assert observed(deep) == Obs.RGBD
    options = RunOptions(task="lift", robot="mujoco", lockstep=False, base=deep)
    given = [
        n.parameters for n in finetune_graph(GraphSettings("run", tmp_path, options)).nodes if n.name == "renderer"
    ]
    assert [(tuple(p["cameras"]), p["depth"]) for p in given] == [(("front", "wrist"), True)]
    settings = GraphSettings("run", tmp_path, RunOptions(task="lift", base=base))
    (node, *_) = settings.chosen_robot.nodes(settings, RobotSlot("robot", "", 0))
    assert node.parameters["obs"] == "images"


@pytest.mark.parametrize("robot", ["mujoco", "fci-sim", "ros2-control-sim"])
def test_a_renderer_shows_what_the_base_observes_beside_a_simulated_arm(robot: str, tmp_path: Path) -> None:
    options = RunOptions(task="lift", robot=robot, lockstep=False)

    def rendered(**changes: Any) -> list[object]:
        settings = GraphSettings("run", tmp_path, replace(options, **changes))
        nodes = settings.chosen_robot.nodes(settings, RobotSlot("robot", "", 0))
        return [node.parameters["cameras"] for node in nodes if node.executable == "renderer_node"]

    base, blind = of_images(tmp_path, "lift"), of_task(tmp_path / "state", "lift")
    assert rendered(base=base) == rendered(base=base, cameras=("wrist",)) == [["front", "wrist"]]
    assert rendered(base=blind) == rendered() == []
    assert rendered(base=blind, cameras=("wrist",)) == [["wrist"]]


def test_a_base_that_observes_images_and_objects_is_refused(tmp_path: Path) -> None:
    both = LIFT_CUBE.observed(Obs.IMAGES).streams + LIFT_CUBE.observation.streams[2:]
    sizes = {"latent_dim": 2, "hidden": 8, "vision": VisionConfig()}
    config = BaseConfig(ObservationSpec(both), action=LIFT_CUBE.action, **sizes)
    write_folder(tmp_path / "base", {}, {"base": config.to_json()})
    with pytest.raises(ValueError, match=r"do not agree[\s\S]*stream cube +no\. 5 +-"):
        GraphSettings("run", tmp_path, RunOptions(task="lift", base=tmp_path / "base"))
