"""The real graph with a robot of two arms, each in its own namespace."""

import csv
from pathlib import Path

import pytest

from tiny import TINY, tiny_base
from zprl.checkpoints.learner_checkpoint import load_counters
from zprl_bringup.graph.graphs import finetune_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.runner.run_graph import run_graph

pytestmark = pytest.mark.ros


def test_a_policy_of_two_arms_plays_episodes_and_learns_through_the_graph(tmp_path: Path) -> None:
    tiny_base(tmp_path / "base", "two_arm_lift")
    settings = GraphSettings(
        "two", tmp_path, RunOptions(base=tmp_path / "base", task="two_arm_lift", max_episodes=4), config=TINY
    )
    last = run_graph(finetune_graph(settings), tmp_path)
    assert last.rejected == 0, last.last_rejection
    counters = load_counters(tmp_path / "actor")
    assert counters.updates > 0 and counters.env_steps > 100
    with (tmp_path / "metrics" / "episodes.csv").open() as file:
        outcomes = [row["outcome"] for row in csv.DictReader(file)]
    assert len(outcomes) == 4 and set(outcomes) <= {"SUCCESS", "TIMEOUT"}
