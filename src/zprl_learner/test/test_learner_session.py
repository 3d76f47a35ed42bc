"""A learning session on disk: budget, checkpoints, what is refused, a full disk."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from zprl.checkpoint import CheckpointError, save_base
from zprl.generator import BaseConfig, Generator
from zprl.learner import LearnerConfig
from zprl.sac import SacConfig
from zprl.transition import Situation, Transition
from zprl_learner.session import Ended, Session
from zprl_learner.settings import LearnerSettings


def settings(folder: Path) -> LearnerSettings:
    torch.manual_seed(0)
    save_base(folder / "base", Generator(BaseConfig(("cube",), latent=2, horizon=4, execute=2, hidden=8)))
    learner = LearnerConfig(SacConfig(critics=2, hidden=8, batch=4), utd=1.0, warmup=5, capacity=100)
    return LearnerSettings(
        base=str(folder / "base"), run="run", run_folder=str(folder), publish_every=4, learner=learner
    )


def transition() -> Transition:
    def situation() -> Situation:
        return Situation(*(np.ones(n, np.float32) for n in (14, 2, 2, 2)))

    return Transition(situation(), np.zeros(2, np.float32), 0.0, 2, False, False, situation())


def work(session: Session, transitions: int) -> list[int]:
    """Numbers of the weights published on the way."""
    published = []
    for _ in range(transitions):
        session.add(transition())
        while session.learner.due > 0:
            weights = session.update()
            published += [weights.number] if weights else []
    return published


def test_weights_are_numbered_and_updates_stay_within_their_budget(tmp_path: Path) -> None:
    session = Session(settings(tmp_path))
    assert session.weights().number == 0
    assert work(session, 4) == [] and session.update() is None  # still warming up
    assert work(session, 8) == [1, 2, 3]
    assert session.learner.sac.updates == 12
    session.close()


def test_a_session_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    first = Session(settings(tmp_path))
    work(first, 8)
    first.close()
    second = Session(settings(tmp_path))
    assert second.number == first.number and second.learner.env_steps == 16
    assert second.weights().data == first.weights().data
    second.close()
    fresh = Session(replace(settings(tmp_path), resume=False))
    assert fresh.number == 0
    fresh.close()


def test_a_full_disk_is_reported_and_the_last_checkpoint_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(settings(tmp_path))
    work(session, 8)
    session.save()
    before = (tmp_path / "actor" / "checkpoint.json").read_bytes()

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("zprl.checkpoint._write", full)
    work(session, 4)
    session.save()
    assert "free some disk space" in session.trouble
    assert (tmp_path / "actor" / "checkpoint.json").read_bytes() == before
    monkeypatch.undo()
    session.close()
    assert session.trouble == ""


def test_episodes_and_metrics_are_written(tmp_path: Path) -> None:
    session = Session(settings(tmp_path))
    work(session, 8)
    session.end(Ended("robot", 0, "SUCCESS", 30, 1.0))
    session.row()
    session.close()
    episodes = (tmp_path / "metrics" / "episodes.csv").read_text().splitlines()
    assert episodes == ["episode,robot,env_steps,outcome,steps,return", "0,robot,16,SUCCESS,30,1.0"]
    header, row = (tmp_path / "metrics" / "metrics.csv").read_text().splitlines()
    assert len(header.split(",")) == len(row.split(","))
    assert list((tmp_path / "metrics").glob("events.out.tfevents*"))


def test_a_missing_base_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no checkpoint in"):
        Session(replace(settings(tmp_path), base=str(tmp_path / "nothing")))
