"""The graph of a blind comparison: who plays, from which resets, and what is refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from compared import finetuned_run
from zprl.checkpoints.run_folder import RunError
from zprl_bringup.graph.graphs import evaluate_graph
from zprl_bringup.graph.preset import Preset
from zprl_bringup.graph.run_options import RunOptions
from zprl_cli.experiment.contestant import contestants
from zprl_cli.experiment.over_ros import graph_settings


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs of one base, one of them with sampled noise, and one of another base."""
    folder = tmp_path_factory.mktemp("runs")
    finetuned_run(folder / "one")
    finetuned_run(folder / "two", base_of=folder / "one", seed=1)
    finetuned_run(folder / "other", base_actions=8)
    finetuned_run(folder / "sampled", base_of=folder / "one", preset=Preset.CPU)
    return folder


def test_base_and_actor_play_each_reset_twice(runs: Path) -> None:
    settings = graph_settings(RunOptions(seed=4), *contestants(("one",), runs, None), runs / "c", first=6)
    nodes = {node.name: node.parameters for node in evaluate_graph(settings).nodes}
    assert nodes["policy"]["actor"] == str(runs / "one" / "actor") and nodes["policy"]["mode"] == "evaluate"
    assert nodes["policy"]["blind.seed"] == 4 and "blind.actor" not in nodes["policy"]
    assert nodes["episode"]["episodes_per_reset"] == 2 and nodes["episode"]["held_out"] is True
    assert nodes["episode"]["first_episode"] == 6 and nodes["episode"]["seed"] == 4


def test_two_actors_of_one_base_play(runs: Path) -> None:
    settings = graph_settings(RunOptions(), *contestants(("one", "two"), runs, None), runs / "c", first=0)
    (policy,) = evaluate_graph(settings).find("policy_node")
    assert policy.parameters["actor"] == str(runs / "two" / "actor")
    assert policy.parameters["blind.actor"] == str(runs / "one" / "actor")


def test_a_real_robot_waits_for_the_person_who_labels(runs: Path) -> None:
    options = replace(RunOptions(robot="franky", hostname="10.0.0.1"), station=Path("insert_bills"))
    settings = graph_settings(options, *contestants(("other",), runs, None), runs / "c", first=0)
    assert not settings.options.lockstep
    nodes = {node.name: node.parameters for node in evaluate_graph(settings).nodes}
    assert nodes["episode"]["automatic"] is False and nodes["policy"]["blind.seed"] == 0


def test_a_base_that_does_not_fit_the_station_is_refused(runs: Path) -> None:
    options = RunOptions(robot="franky", station=Path("insert_bills"))
    with pytest.raises(ValueError, match="executes 4, the station says 16 and 8"):
        graph_settings(options, *contestants(("one",), runs, None), runs / "c", first=0)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("one", "one:base"), "name it first: zprl compare one:base one"),
        (("other", "one"), "over the graph both play one base"),
        (("one", "sampled"), "one was trained with flow noise zero, sampled with sampled; compare them in simulation"),
    ],
)
def test_policies_that_one_node_cannot_play_are_refused(runs: Path, names: tuple[str, ...], message: str) -> None:
    with pytest.raises(RunError, match=message):
        graph_settings(RunOptions(), *contestants(names, runs, None), runs / "c", first=0)
