"""What wandb and MLflow have of a run, read back from their own files. Skipped where they are not installed."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from tracked_run_files import METRICS, ROWS, write_run
from tracker_files import history_of_mlflow, mlflow_run, wandb_files, wandb_rows
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.training.tracking.follow import follow
from zprl.training.tracking.tracker import TrackerKind

WANDB = pytest.mark.skipif(find_spec("wandb") is None, reason="wandb is not installed")
MLFLOW = pytest.mark.skipif(find_spec("mlflow") is None, reason="mlflow is not installed")
LONGER = METRICS + "4.1,3702,8,0.125\n"
LOSSES = [(1851, 0.25), (3702, 0.125)]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run that has ended; nothing of this machine's own trackers."""
    for name in ("WANDB_MODE", "WANDB_PROJECT", "MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME", "WANDB_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    write_run(tmp_path / "lift-seed3")
    return tmp_path / "lift-seed3"


def send(run: Path, kind: TrackerKind, online: bool = False) -> int:
    return follow(RunFolder(run), kind, online, lambda: True, lambda: None)


@WANDB
def test_wandb_has_every_row_once(run: Path) -> None:
    assert send(run, TrackerKind.WANDB) == ROWS
    rows = wandb_rows(run)
    assert len(rows) == ROWS
    assert [(r["env_steps"], r["train/critic_loss"]) for r in rows if "train/critic_loss" in r] == LOSSES[:1]
    assert [(r["env_steps"], r["held_out/success"]) for r in rows if "held_out/success" in r] == [(25882, 0.75)]


@WANDB
def test_wandb_continues_the_same_run(run: Path) -> None:
    send(run, TrackerKind.WANDB)
    known = json.loads((run / "trackers" / "wandb.json").read_text())
    (run / "metrics" / "metrics.csv").write_text(LONGER)
    assert (send(run, TrackerKind.WANDB), send(run, TrackerKind.WANDB)) == (1, 0)
    rows = wandb_rows(run)
    assert [(r["env_steps"], r["train/critic_loss"]) for r in rows if "train/critic_loss" in r] == LOSSES
    assert [file.name for file in wandb_files(run)] == [f"run-{known['id']}.wandb"] * 2  # none for nothing new


@MLFLOW
def test_mlflow_has_every_row_once_across_calls(run: Path) -> None:
    assert send(run, TrackerKind.MLFLOW) == ROWS
    (run / "metrics" / "metrics.csv").write_text(LONGER)
    assert (send(run, TrackerKind.MLFLOW), send(run, TrackerKind.MLFLOW)) == (1, 0)
    assert history_of_mlflow(run, "train/critic_loss") == LOSSES
    assert history_of_mlflow(run, "held_out/success") == [(25882, 0.75)]
    assert sorted(history_of_mlflow(run, "episode/success")) == [(60, 0.0), (64, 1.0), (120, 0.0)]


@MLFLOW
def test_mlflow_has_the_settings_and_the_end(run: Path) -> None:
    send(run, TrackerKind.MLFLOW)
    client, identity = mlflow_run(run)
    found = client.get_run(identity)
    assert found.info.run_name == "lift-seed3" and found.info.status == "FINISHED"
    assert found.data.params["task"] == "lift" and found.data.params["recipe.quality"] == "[0.0, 1.0]"


@MLFLOW
def test_a_run_made_longer_keeps_its_settings_of_mlflow(run: Path) -> None:
    send(run, TrackerKind.MLFLOW)
    config = json.loads((run / "config.json").read_text())
    config["settings"] |= {"seed": 4, "env_steps": 200_000}
    (run / "config.json").write_text(json.dumps(config))
    send(run, TrackerKind.MLFLOW)
    client, identity = mlflow_run(run)
    params = client.get_run(identity).data.params
    assert (params["seed"], params["env_steps"]) == ("3", "200000")


@MLFLOW
def test_online_needs_a_server_of_mlflow(run: Path) -> None:
    with pytest.raises(RunError, match="set MLFLOW_TRACKING_URI"):
        send(run, TrackerKind.MLFLOW, online=True)


@MLFLOW
def test_mlflow_writes_nowhere_but_in_the_run(run: Path, tmp_path: Path) -> None:
    send(run, TrackerKind.MLFLOW)
    assert [path.name for path in tmp_path.iterdir()] == ["lift-seed3"]
    assert {path.name for path in run.iterdir()} == {"config.json", "metrics", "trackers"}
