"""Trackers beside a run: whatever they do, the run goes on."""

import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest

from tracked_run_files import METRICS, write_run
from tracker_files import history_of_mlflow, wandb_rows
from zprl.checkpoints.run_folder import RunFolder
from zprl_cli.tracking import beside
from zprl_cli.tracking.beside import VARIABLE, Beside


def env(names: str, wandb: Path | None = None, source: str = "") -> Mapping[str, str]:
    """The environment with these trackers; `source`: code of a module wandb in the folder `wandb`."""
    found = {**os.environ, VARIABLE: names}
    if wandb is not None:
        wandb.mkdir()
        (wandb / "wandb.py").write_text(source)
        found["PYTHONPATH"] = f"{wandb}{os.pathsep}{found.get('PYTHONPATH', '')}"
    return found


def test_nothing_is_started_without_the_variable(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with Beside(tmp_path, {}) as trackers:
        assert not trackers._followers
    assert capfd.readouterr() == ("", "")


def test_an_unknown_tracker_is_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with Beside(tmp_path, {VARIABLE: "tensorflow, "}):
        pass
    lines = capfd.readouterr().err.splitlines()
    assert lines == [
        "zprl: tracker ZPRL_TRACKERS names 'tensorflow', known are wandb, mlflow; the run goes on without it"
    ]


def test_a_missing_package_is_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_run(tmp_path / "run")
    missing = "raise ModuleNotFoundError('no wandb', name='wandb')"
    with Beside(tmp_path / "run", env("wandb", tmp_path / "site", missing)) as trackers:
        assert trackers._followers[0].process.wait(60) == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("zprl: tracker wandb stopped, the run goes on: wandb needs wandb, which is not installed")


def test_a_tracker_that_fails_is_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_run(tmp_path / "run")
    fails = (
        "import sys\nsys.stderr.write('much text\\n' * 100_000)\ndef init(**_): raise OSError('no server')\nRun = 1\n"
    )
    fails += "def Settings(**_): return None\n"
    with Beside(tmp_path / "run", env("wandb", tmp_path / "site", fails)) as trackers:
        assert trackers._followers[0].process.wait(60) == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert line == "zprl: tracker wandb stopped, the run goes on: no server"


def test_a_tracker_that_hangs_is_killed_at_the_end(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "END_S", 0.2)
    write_run(tmp_path / "run")
    hangs = f"import time\nopen({str(tmp_path / 'hangs')!r}, 'w').close()\ntime.sleep(1000)\n"
    with (
        RunFolder(tmp_path / "run").locked(),
        Beside(tmp_path / "run", env("wandb", tmp_path / "site", hangs)) as trackers,
    ):
        (follower,) = trackers._followers
        while not (tmp_path / "hangs").exists():
            assert follower.process.poll() is None
    assert follower.process.wait(60) == -9
    (line,) = capfd.readouterr().err.splitlines()
    assert "did not take the rest within 0.2 s; zprl track" in line


def test_a_program_that_cannot_start_is_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "none"))
    with Beside(tmp_path, env("wandb")):
        pass
    assert "zprl: tracker wandb was not started, the run goes on:" in capfd.readouterr().err


@pytest.mark.skipif(find_spec("wandb") is None or find_spec("mlflow") is None, reason="wandb or mlflow is missing")
@pytest.mark.slow
def test_both_take_what_is_written_until_the_end(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "run"
    write_run(run)
    clean = {name: value for name, value in env("wandb,mlflow").items() if not name.startswith(("WANDB", "MLFLOW"))}
    with RunFolder(run).locked(), Beside(run, clean):
        (run / "metrics" / "metrics.csv").write_text(METRICS + "4.1,3702,8,0.125\n")
    losses = [(1851, 0.25), (3702, 0.125)]
    assert history_of_mlflow(run, "train/critic_loss") == losses
    rows = [row for row in wandb_rows(run) if "train/critic_loss" in row]
    assert [(row["env_steps"], row["train/critic_loss"]) for row in rows] == losses
    assert capfd.readouterr().err == ""
