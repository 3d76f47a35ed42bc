"""What the flags of `zprl up` ask for."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from zprl.checkpoints.checkpoint import save_base
from zprl.checkpoints.origin import OriginError, read_origin
from zprl.checkpoints.saved_origin import keep_origin
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl.rl.presets import EFFICIENT
from zprl_bringup.graph.network import Only
from zprl_bringup.graph.origin_check import check_run
from zprl_bringup.graph.preset import Preset
from zprl_bringup.graph.spec import Graph
from zprl_cli.up import REAL_TIME, Up
from zprl_core.latency import Latency
from zprl_core.observation_spec import arm_observation


@pytest.fixture
def base(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    save_base(
        tmp_path / "base",
        BasePolicy(BaseConfig(arm_observation(("cube",)), latent_dim=2, horizon=16, n_action_steps=8, hidden=8)),
    )
    return tmp_path / "base"


def asked_for(up: Up) -> Graph:
    return up.graph(up.settings())


def mode(graph: Graph) -> object:
    return graph.find("policy_node")[0].parameters["mode"]


def test_without_a_base_there_is_a_robot_and_nothing_else() -> None:
    graph = asked_for(Up(replace(REAL_TIME, latency=Latency.REAL)))
    (sim,) = graph.nodes
    assert sim.executable == "sim_node" and sim.parameters["latency"] == "real"


def test_with_a_base_it_learns(base: Path) -> None:
    graph = asked_for(Up(replace(REAL_TIME, base=base)))
    assert graph.find("learner_node") and mode(graph) == "finetune"


def test_each_machine_runs_its_part(base: Path) -> None:
    robot = asked_for(Up(replace(REAL_TIME, base=base, only=Only.ROBOT)))
    learner = asked_for(Up(replace(REAL_TIME, base=base, only=Only.LEARNER)))
    assert not robot.find("learner_node") and mode(robot) == "finetune"
    assert [node.executable for node in learner.nodes] == ["learner_node"]


@pytest.mark.parametrize(
    ("options", "frozen", "error"),
    [
        ({"only": Only.ROBOT}, False, "--only and --first-robot are for a run that learns; give --base"),
        ({"first_robot": 2}, False, "--only and --first-robot are for a run that learns; give --base"),
        ({"only": Only.ROBOT, "base": Path("/b")}, True, "an evaluation has no learner"),
        ({"only": Only.LEARNER, "base": Path("/b"), "actor": Path("/a")}, False, "an evaluation has no learner"),
        ({"only": Only.LEARNER, "base": Path("/b"), "max_episodes": 3}, False, "--episodes are for robots"),
        ({"only": Only.LEARNER, "base": Path("/b"), "bags": Path("/c")}, False, "--bags and --episodes are for robots"),
    ],
)
def test_a_part_of_what_does_not_learn_makes_no_sense(options: dict[str, Any], frozen: bool, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        Up(replace(REAL_TIME, **options), frozen).settings()


def test_an_actor_is_played_and_nothing_learns(base: Path) -> None:
    graph = asked_for(Up(replace(REAL_TIME, base=base, actor=Path("/runs/lift/actor"))))
    assert not graph.find("learner_node") and mode(graph) == "evaluate"


def test_frozen_is_the_base_alone_on_held_out_resets(base: Path) -> None:
    graph = asked_for(Up(replace(REAL_TIME, base=base), frozen=True))
    assert not graph.find("learner_node") and mode(graph) == "base"
    assert graph.find("episode_node")[0].parameters["held_out"]


@pytest.mark.parametrize(
    "wrong", [Up(frozen=True), Up(replace(REAL_TIME, base=Path("/b"), actor=Path("/a")), frozen=True)]
)
def test_frozen_with_an_actor_or_without_a_base_makes_no_sense(wrong: Up) -> None:
    with pytest.raises(ValueError, match="--frozen evaluates the base alone"):
        wrong.settings()


def test_a_station_brings_its_own_numbers(base: Path) -> None:
    up = Up(replace(REAL_TIME, base=base, robot="fci-sim", station=Path("simulated_franka")))
    assert up.settings().config.learner.warmup == 500 and up.settings().station.task == "lift"
    assert Up(replace(REAL_TIME, base=base)).settings().config == EFFICIENT


def test_a_run_is_called_as_the_task_of_its_station(tmp_path: Path) -> None:
    """What two stations learn must not end in one folder."""
    orange, lift = Path("place_orange"), Path("simulated_franka")
    assert Up(replace(REAL_TIME, robot="franky", station=orange)).settings().run_folder == Path("runs/place_orange")
    assert Up(replace(REAL_TIME, robot="fci-sim", station=lift)).settings().run == "lift"
    assert Up(replace(REAL_TIME, robot="fci-sim", station=lift), name="mine").settings().run_folder == Path("runs/mine")
    assert Up().settings().run_folder == Path("runs/up")
    for task, run in (("", "up"), ("place orange", "place orange")):
        (tmp_path / "mine.yaml").write_text(f"task: '{task}'")
        assert Up(replace(REAL_TIME, robot="franky", station=tmp_path / "mine.yaml")).settings().run == run
    for task in ("a/b", "..", "/etc"):
        (tmp_path / "mine.yaml").write_text(f"task: '{task}'")
        with pytest.raises(ValueError, match="cannot be the name of a folder; give --name"):
            Up(replace(REAL_TIME, robot="franky", station=tmp_path / "mine.yaml")).settings()


@pytest.mark.parametrize(
    ("up", "why"),
    [
        (
            Up(replace(REAL_TIME, station=Path("simulated_franka")), preset=Preset.CPU),
            "--station has its own learning settings",
        ),
        (
            Up(replace(REAL_TIME, robot="fci-sim", cameras=("front", "back"))),
            "unknown cameras back; the scene of task lift has front, wrist",
        ),
        (Up(replace(REAL_TIME, robot="franky", cameras=("front",))), "a real arm's are in its station"),
        (
            Up(replace(REAL_TIME, robot="fci-sim", hostname="10.0.0.1")),
            "hostname is the address of a real arm, but robot fci-sim",
        ),
        (Up(replace(REAL_TIME, robot="mujoco", latency=Latency.IMPEDANCE)), "that of robot mujoco is always real"),
        (Up(preset=Preset.FAST), "--preset is for a learner"),
        (Up(replace(REAL_TIME, max_episodes=3)), "--episodes needs a policy"),
        (Up(replace(REAL_TIME, hostname="10.0.0.1")), "hostname is the address of a real arm, but robot sim has none"),
    ],
    ids=str,
)
def test_what_would_be_ignored_is_refused(up: Up, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        up.settings()


def test_a_base_with_other_chunks_than_the_stations_is_refused(tmp_path: Path) -> None:
    save_base(
        tmp_path / "short",
        BasePolicy(BaseConfig(arm_observation(("cube",)), latent_dim=2, horizon=16, n_action_steps=4, hidden=8)),
    )
    with pytest.raises(ValueError, match="executes 4, the station says 16 and 8"):
        Up(replace(REAL_TIME, base=tmp_path / "short", station=Path("simulated_franka"), robot="fci-sim")).settings()


def other_base(folder: Path) -> Path:
    torch.manual_seed(1)
    config = BaseConfig(arm_observation(("cube",)), latent_dim=2, horizon=16, n_action_steps=8, hidden=8)
    save_base(folder, BasePolicy(config), task="lift")
    return folder


def used(up: Up) -> None:
    """Leave in the run folder what a learner leaves there."""
    s = up.settings()
    assert s.options.base is not None
    keep_origin(s.run_folder / "record", read_origin(s.options.base, s.task, s.preset, s.config.steering), "record")


def test_a_run_of_another_base_is_refused_and_a_new_one_is_started_beside_it(base: Path, tmp_path: Path) -> None:
    first = Up(replace(REAL_TIME, base=base), runs=tmp_path)
    used(first)
    assert asked_for(first).find("learner_node")
    second = replace(first, options=replace(REAL_TIME, base=other_base(tmp_path / "other")))
    with pytest.raises(OriginError, match=r"the record in .*/up/record was made with another base") as refused:
        asked_for(second)
    assert str(base) in str(refused.value) and str(tmp_path / "other") in str(refused.value)
    assert refused.value.run == tmp_path / "up"
    beside = replace(second, beside=True)
    assert beside.settings().run == "up-2"
    used(beside)
    assert beside.settings().run == "up-2" and beside.settings().run_folder == tmp_path / "up-2"
    assert replace(first, beside=True).settings().run == "up"


@pytest.mark.parametrize(
    ("change", "what"),
    [({"options": {"task": "pick_to_tray"}}, "task"), ({"preset": Preset.FAST}, "preset and steering")],
)
def test_a_run_of_another_task_or_preset_is_refused(
    base: Path, tmp_path: Path, change: dict[str, Any], what: str
) -> None:
    first = Up(replace(REAL_TIME, base=base), runs=tmp_path)
    used(first)
    options = replace(first.options, **change.pop("options", {}))
    with pytest.raises(OriginError, match=f"was made with another {what}: give that {what}"):
        check_run(replace(first, options=options, **change).settings())


def test_an_actor_of_another_base_is_refused_with_both(base: Path, tmp_path: Path) -> None:
    actor = tmp_path / "run" / "actor"
    keep_origin(actor, read_origin(other_base(tmp_path / "other")), "actor")
    with pytest.raises(OriginError, match=r"the actor in .* was made with another base: give that base") as refused:
        asked_for(Up(replace(REAL_TIME, base=base, actor=actor)))
    assert refused.value.run is None
    assert asked_for(Up(replace(REAL_TIME, base=tmp_path / "other", actor=actor)))
