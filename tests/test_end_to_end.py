"""The real graph in lockstep: four nodes, a policy that is killed, and what is left behind."""

import csv
import os
import signal
from pathlib import Path

import pytest

from tiny import TINY, tiny_base
from zprl.checkpoints.learner_checkpoint import load_counters
from zprl_bringup.graph.graphs import finetune_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.runner.run_graph import run_graph
from zprl_bringup.runner.run_status import RunStatus

pytestmark = pytest.mark.ros


@pytest.fixture
def settings(tmp_path: Path) -> GraphSettings:
    tiny_base(tmp_path / "base")
    return GraphSettings("e2e", tmp_path, RunOptions(base=tmp_path / "base"), config=TINY)


def test_a_policy_that_is_killed_comes_back_and_learning_goes_on(settings: GraphSettings) -> None:
    killed_at: list[int] = []

    def kill_once(now: RunStatus) -> None:
        if not killed_at and now.weights_number >= 1:
            killed_at.append(now.env_steps)
            os.kill(node_pid("policy_node", settings.run_folder), signal.SIGKILL)

    def enough(now: RunStatus) -> bool:
        return bool(killed_at) and now.env_steps > killed_at[0] + 300

    last = run_graph(finetune_graph(settings), settings.run_folder, enough, kill_once)
    assert last.rejected == 0, last.last_rejection
    assert last.updates <= TINY.learner.utd * last.env_steps
    counters = load_counters(settings.run_folder / "actor")
    assert counters.env_steps >= last.env_steps and counters.updates >= last.updates
    assert counters.updates <= TINY.learner.utd * counters.added
    with (settings.run_folder / "metrics" / "episodes.csv").open() as file:
        assert {row["outcome"] for row in csv.DictReader(file)} <= {"SUCCESS", "TIMEOUT"}
    with pytest.raises(ProcessLookupError):
        node_pid("policy_node", settings.run_folder)


def node_pid(executable: str, run_folder: Path) -> int:
    """The process that runs `executable` for this run. Raises ProcessLookupError when there is none."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if executable in words and str(run_folder) in words:
                return int(entry.name)
    raise ProcessLookupError(executable)
