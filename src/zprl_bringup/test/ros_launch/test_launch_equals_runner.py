"""Launch files and runner start the same nodes, with the same parameters and remappings.

Against doubles that record what the launch description asks of them. test_launch_ros does it with the real launch.
"""

import os
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from launch_cases import CASES, FINETUNE, with_defaults
from launch_doubles import load, recorded_actions, recording
from zprl.checkpoints.checkpoint import save_base
from zprl.checkpoints.run_folder import RunFolder
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl_bringup.graph.graphs import finetune_graph
from zprl_bringup.graph.paths import config_file
from zprl_bringup.graph.robots.catalog import robot_names
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.saved_run import graph_settings
from zprl_bringup.graph.spec import Graph, GraphError, NodeSpec, parameter_yaml
from zprl_bringup.graph.station import load_station
from zprl_bringup.ros_launch.arguments import (
    EVALUATE_ARGUMENTS,
    FINETUNE_ARGUMENTS,
    SIM_ARGUMENTS,
    settings_from,
)
from zprl_bringup.runner.node_process import ros_arguments
from zprl_core.latency import Latency
from zprl_core.observation_spec import arm_observation
from zprl_sim.tasks.catalog import task_names


@dataclass(frozen=True)
class Started:
    """What reaches one node."""

    package: str
    executable: str
    arguments: tuple[str, ...]  # --ros-args, without files
    parameters: dict[str, Any]
    respawn: tuple[bool, float]


def by_runner(graph: Graph) -> dict[str, Started]:
    """What the runner would start."""
    return {
        spec.full_name: Started(
            spec.package,
            spec.executable,
            sorted_remaps(ros_arguments(spec, Path("file"))),
            yaml.safe_load(parameter_yaml(spec))[spec.full_name]["ros__parameters"],
            (spec.respawn, spec.respawn_delay_s),
        )
        for spec in graph.nodes
    }


def sorted_remaps(command: list[str]) -> tuple[str, ...]:
    """The values of -r in a command line, and that of --enclave."""
    return tuple(sorted(after for flag, after in pairwise(command) if flag in ("-r", "--enclave")))


def by_double(action: Any) -> tuple[str, Started]:
    """What launch_ros would make of a recorded Node."""
    it = action.options
    (file,) = it["parameters"]  # test_parameter_files says what ROS reads there
    parameters = yaml.safe_load(Path(file).read_text())["/**"]["ros__parameters"]
    (flag, enclave), remappings = it["ros_arguments"], tuple(it["remappings"])
    assert flag == "--enclave"
    spec = NodeSpec(
        it["package"], it["executable"], it["name"], it["namespace"], parameters, remappings, shares=enclave
    )
    assert Path(file).read_text() == parameter_yaml(spec, "/**")
    started = Started(
        spec.package,
        spec.executable,
        sorted_remaps(ros_arguments(spec, Path("file"))),
        parameters,
        (it["respawn"], it["respawn_delay"]),
    )
    return spec.full_name, started


@pytest.fixture
def doubles(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Doubles in place of launch and launch_ros."""
    yield from recording(monkeypatch)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_launch_files_ask_for_what_the_runner_starts(case: Any, doubles: None) -> None:
    file, arguments, build, given = case
    given = with_defaults(arguments, given)
    nodes = [action for action in recorded_actions(file, given) if type(action).__name__ == "Node"]
    assert dict(map(by_double, nodes)) == by_runner(build(settings_from(given)))


def test_a_run_is_taken_up_by_its_folder(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "lift-seed7")
    settings = RunOptions(task="peg_insert", seed=7, robots=2, latency=Latency.REAL)
    folder.open(settings.saved, settings.numbers)
    found = settings_from(with_defaults(FINETUNE_ARGUMENTS, {"resume": str(folder.path), "lockstep": "false"}))
    wanted = graph_settings(settings, folder)
    assert found == replace(wanted, options=replace(wanted.options, lockstep=False))
    with pytest.raises(GraphError, match="is not a run folder"):
        settings_from(with_defaults(FINETUNE_ARGUMENTS, {"resume": str(tmp_path / "nothing")}))
    with pytest.raises(GraphError, match="base:="):
        finetune_graph(settings_from(with_defaults(FINETUNE_ARGUMENTS, {})))


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A run whose base executes 8 actions of 16."""
    folder = RunFolder(tmp_path / "lift-seed7")
    settings = RunOptions(seed=7)
    folder.open(settings.saved, settings.numbers)
    torch.manual_seed(0)
    save_base(
        folder.base,
        BasePolicy(BaseConfig(arm_observation(("cube",)), latent_dim=2, horizon=16, n_action_steps=8, hidden=8)),
    )
    return folder


def test_a_run_that_is_taken_up_has_the_limits_of_its_station(run: RunFolder) -> None:
    station = config_file("stations/insert_bills.yaml")
    at = {"resume": str(run.path), "station": str(station), "robot": "franky", "lockstep": "false"}
    settings = settings_from(with_defaults(FINETUNE_ARGUMENTS, at))
    assert settings.station == load_station(station)
    assert settings.config == RunOptions(seed=7).finetune != settings.station.finetune  # how it learns stays the run's
    nodes = {node.name: node.parameters for node in finetune_graph(settings).nodes}
    assert nodes["arm"]["limits.force"] == 20.0 and nodes["arm"]["cameras"] == ["front", "wrist"]
    assert nodes["camera_front"] and nodes["policy"]["control_rate"] == nodes["arm"]["control_rate"] == 10.0


def test_a_run_whose_base_does_not_fit_the_station_is_refused(run: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("chunk: {n_action_steps: 4}")
    at = {"resume": str(run.path), "station": str(tmp_path / "other.yaml")}
    with pytest.raises(GraphError, match="executes 8, the station says 16 and 4"):
        settings_from(with_defaults(FINETUNE_ARGUMENTS, at))
    at["station"] = str(tmp_path / "nowhere.yaml")
    with pytest.raises(GraphError, match="cannot read the station"):
        settings_from(with_defaults(FINETUNE_ARGUMENTS, at))


@pytest.mark.parametrize(
    "ignored",
    [
        {"base": "/b"},
        {"run_folder": "/r"},
        {"preset": "fast"},
        {"task": "peg_insert"},
        {"seed": "3"},
        {"latency": "real"},
    ],
    ids=str,
)
def test_what_a_run_that_is_taken_up_would_ignore_is_refused(run: RunFolder, ignored: dict[str, str]) -> None:
    (name,) = ignored
    with pytest.raises(GraphError, match=f"{name}:=.* would be ignored: a resumed run has its own"):
        settings_from(with_defaults(FINETUNE_ARGUMENTS, {"resume": str(run.path)} | ignored))


def test_what_a_station_says_is_not_said_twice() -> None:
    for ignored in ({"preset": "fast"}, {"steer": "noise"}):
        at = {"station": "simulated_franka", "robot": "fci-sim", "lockstep": "false"} | ignored
        with pytest.raises(GraphError, match="would be ignored: the station has its own learning settings"):
            settings_from(with_defaults(FINETUNE_ARGUMENTS, at))


def test_the_environment_is_the_runners(doubles: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    monkeypatch.delenv("ROS_AUTOMATIC_DISCOVERY_RANGE", raising=False)
    monkeypatch.delenv("FASTDDS_DEFAULT_PROFILES_FILE", raising=False)
    actions = recorded_actions("sim.launch.py", with_defaults(SIM_ARGUMENTS, {}))
    env = dict(action.arguments for action in actions if type(action).__name__ == "SetEnvironmentVariable")
    assert env.keys() == {"ROS_AUTOMATIC_DISCOVERY_RANGE", "FASTDDS_DEFAULT_PROFILES_FILE", "ZPRL_GRAPH"}


def test_a_graph_does_not_start_beside_its_namesakes(doubles: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nodes may find those of other machines, launch looks for them as zprl up does."""
    looked: list[tuple[str, int]] = []

    def check(graph: Graph, domain: int, say: Any) -> None:
        looked.append((os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"], domain))
        raise GraphError("sim is there already")

    namesakes = types.ModuleType("namesakes")
    namesakes.check_namesakes = check  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "zprl_bringup.ros.namesakes", namesakes)
    monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "SUBNET")
    monkeypatch.setenv("ROS_DOMAIN_ID", "42")
    with pytest.raises(GraphError, match="sim is there already"):
        recorded_actions("sim.launch.py", with_defaults(SIM_ARGUMENTS, {}))
    assert looked == [("SUBNET", 42)]


def test_what_launch_does_when_a_node_ends(doubles: None) -> None:
    given = with_defaults(EVALUATE_ARGUMENTS, CASES["base"][3] | {"robots": "2", "max_episodes": "5"})
    actions = recorded_actions("evaluate.launch.py", given)
    ends = {}
    for action in actions:
        if type(action).__name__ == "Node":
            ends[action.options["namespace"], action.options["name"]] = action.options["on_exit"]

    def reaction(namespace: str, name: str, code: int) -> list[str]:
        event = types.SimpleNamespace(returncode=code)
        return [action.options["reason"] for action in ends[namespace, name](event, None)]

    assert reaction("robot_1", "policy", 1) == []  # it is started again
    assert reaction("robot_1", "policy", 0) == ["robot_1.policy has ended or was shut down"]  # somebody asked for it
    assert "given a wrong setting" in reaction("robot_1", "policy", 2)[0]
    assert reaction("robot_1", "sim", -11) == []
    assert reaction("robot_1", "episode", -11) == [
        "robot_1.episode has ended or was shut down"
    ]  # it alone knows what was played
    assert reaction("robot_1", "episode", 0) == []  # robot_2 still plays
    assert reaction("robot_2", "episode", 0) == ["all episodes are done"]


def test_arguments_are_described(doubles: None) -> None:
    for name in ("finetune", "evaluate", "sim"):
        *declared, _ = load(f"{name}.launch.py").arguments[0]
        assert all(len(each.options["description"]) > 10 for each in declared)
    assert [each.options["choices"] for each in declared if each.arguments == ("task",)] == [list(task_names())]
    assert [each.options["choices"] for each in declared if each.arguments == ("robot",)] == [list(robot_names())]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"robots": "two"}, "robots:='two'"),
        ({"robots": "0"}, "robots:='0' is not a whole number within"),
        ({"base": ""}, "base:="),
        ({"time_limit_s": "long"}, "time_limit_s:='long'"),
        ({"hostname": "10.0.0.5"}, "hostname is the address of a real arm, but robot sim has none"),
        (
            {"robot": "mujoco", "lockstep": "false", "cameras": "back"},
            "unknown cameras back; the scene of task lift has front, wrist",
        ),
    ],
)
def test_wrong_arguments_are_one_clear_line(given: dict[str, str], message: str) -> None:
    with pytest.raises(GraphError, match=message):
        finetune_graph(settings_from(with_defaults(FINETUNE_ARGUMENTS, FINETUNE | given)))
