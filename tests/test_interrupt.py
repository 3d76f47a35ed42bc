"""Ctrl-C in the middle of the job: it ends cleanly, keeps what it has, and the same command goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pickles import pickled_files
from zprl.checkpoints.learner_checkpoint import load_counters

pytestmark = pytest.mark.ros

ARGUMENTS = ("finetune", "--env-steps", "900", "--demos", "5", "--eval-episodes", "4", "--name", "run")


def start(*arguments: str) -> subprocess.Popen[str]:
    code = f"import sys; sys.argv = ['zprl', *{arguments!r}]; " + QUICK
    return subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )


# The recipe of a job that takes seconds: the phases are what is tested here, not what they learn.
QUICK = """
from dataclasses import replace
from zprl_cli import main
from zprl_sim.tasks import lift
recipe = lift.LIFT_CUBE.recipe
lift.LIFT_CUBE = replace(lift.LIFT_CUBE, recipe=replace(recipe, pretrain=replace(recipe.pretrain, steps=60)))
main.main()
"""


def test_the_same_command_goes_on_after_ctrl_c_and_a_run_can_be_made_longer(tmp_path: Path) -> None:
    command = (*ARGUMENTS, "--runs", str(tmp_path))
    first = start(*command)
    checkpoint = tmp_path / "run" / "metrics" / "episodes.csv"
    while not checkpoint.exists() or len(checkpoint.read_text().splitlines()) < 3:
        assert first.poll() is None, first.stderr.read() if first.stderr else ""
        time.sleep(0.1)
    os.killpg(first.pid, signal.SIGINT)
    _, said = first.communicate(timeout=600)
    assert first.returncode == 130 and "run the same command again" in said and "Traceback" not in said
    assert load_counters(tmp_path / "run" / "actor").env_steps > 0
    second = start(*command)
    _, said = second.communicate(timeout=600)
    assert second.returncode == 0, said
    assert "demos" not in said and "pretrain" not in said  # what is done is not done again
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    assert report["env_steps"] >= 900 and report["finetuned"]["episodes"] == 4
    third = start("finetune", "--resume", str(tmp_path / "run"), "--env-steps", "1200")
    _, said = third.communicate(timeout=600)
    assert third.returncode == 0, said
    assert json.loads((tmp_path / "run" / "report.json").read_text())["env_steps"] >= 1200
    kept = {path.relative_to(tmp_path / "run").parts[0] for path in (tmp_path / "run").rglob("*")}
    assert kept >= {"demos", "base", "actor", "record", "robots", "metrics", "logs"}
    assert pickled_files(tmp_path / "run") == []


def test_an_unknown_task_is_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "zprl_cli.main", "finetune", "--task", "juggle", "--runs", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 2 and "known tasks are" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
