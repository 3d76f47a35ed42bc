"""When interim evaluations start, and that none of them disturbs its run."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from zprl.checkpoints.checkpoint import write_folder
from zprl.checkpoints.run_folder import RunFolder
from zprl_cli.interim import schedule
from zprl_cli.interim.result import InterimResult, append_result, read_results
from zprl_cli.interim.schedule import InterimSchedule, InterimSettings

RESULT = InterimResult(20_500, 19, 20, seconds=2.0)
SETTINGS = InterimSettings(20, 20_000)


class Stand:
    """A run folder whose evaluations are programs of one line."""

    def __init__(self, folder: RunFolder):
        self.folder, self.started = folder, 0
        self.code = f"print({json.dumps(dataclasses.asdict(RESULT))!r})"

    def learned(self, env_steps: int) -> None:
        counters = {"updates": 1, "env_steps": env_steps, "number": 1, "added": 1}
        write_folder(self.folder.actor / f"{env_steps:06d}", {}, {"counters": counters})

    def start(self, module: str, *arguments: str) -> "subprocess.Popen[str]":
        assert module == "zprl_cli.interim.evaluation" and arguments == (str(self.folder.path), "20")
        self.started += 1
        command = [sys.executable, "-S", "-c", self.code]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stand]:
    stand = Stand(RunFolder(tmp_path))
    monkeypatch.setattr(schedule, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(schedule, "start", stand.start)
    yield stand


def finish(interim: InterimSchedule) -> str:
    """Wait for the evaluation that runs, and take its result."""
    assert interim._process is not None
    interim._process.wait(600)
    return interim.poll()


def test_a_checkpoint_far_enough_ahead_is_evaluated_once(stand: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    with InterimSchedule(stand.folder, SETTINGS) as interim:
        assert interim.poll() == ""  # no checkpoint yet
        stand.learned(19_999)
        assert interim.poll() == "" and stand.started == 0
        stand.learned(20_500)
        interim.poll()
        assert finish(interim) == "held-out 19/20 at 20k" and read_results(stand.folder.metrics) == [RESULT]
        stand.learned(40_499)
        interim.poll()
        assert stand.started == 1
        stand.learned(40_500)
        interim.poll()
        assert stand.started == 2
    assert list((stand.folder.metrics / "held_out").glob("events.*")) and capsys.readouterr().err == ""


def test_a_resumed_run_continues_its_schedule(stand: Stand) -> None:
    append_result(stand.folder.metrics, RESULT)
    stand.learned(30_000)
    with InterimSchedule(stand.folder, SETTINGS) as interim:
        assert interim.poll() == "held-out 19/20 at 20k" and stand.started == 0


def test_without_episodes_nothing_is_evaluated(stand: Stand) -> None:
    stand.learned(90_000)
    with InterimSchedule(stand.folder, InterimSettings(0)) as interim:
        assert interim.poll() == "" and stand.started == 0


@pytest.mark.parametrize(
    "code",
    ["raise SystemExit('RunError: no base')", "print('{}')", "print('[]')", "print('x')", "import os; os._exit(3)"],
)
def test_a_failure_ends_the_evaluations_and_not_the_run(
    code: str, stand: Stand, capsys: pytest.CaptureFixture[str]
) -> None:
    stand.code = code
    stand.learned(20_500)
    with InterimSchedule(stand.folder, SETTINGS) as interim:
        interim.poll()
        assert finish(interim) == "" and interim.poll() == ""
    said = capsys.readouterr().err
    assert stand.started == 1 and said.startswith("zprl: interim evaluations stopped, finetuning continues: ")
    assert ("no base" in said) == ("no base" in code) and read_results(stand.folder.metrics) == []


def test_the_end_of_the_run_ends_the_evaluation(stand: Stand) -> None:
    stand.code = "import time; time.sleep(600)"
    stand.learned(20_500)
    with InterimSchedule(stand.folder, SETTINGS) as interim:
        interim.poll()
        process = interim._process
        assert process is not None and process.poll() is None
    assert process.poll() is not None


@pytest.mark.parametrize("wrong", [(-1, 1), (1, 0)])
def test_settings_that_cannot_be_are_refused(wrong: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="episodes must be"):
        InterimSettings(*wrong)
