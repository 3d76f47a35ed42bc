"""A learning session on disk: budget, checkpoints, what is refused, a full disk."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from zprl.checkpoints.checkpoint import load_base, metadata_from, save_base
from zprl.checkpoints.learner_checkpoint import load_counters
from zprl.checkpoints.origin import OriginError
from zprl.checkpoints.saved_origin import actor_origin
from zprl.delivery.sequence_tracker import Source
from zprl.delivery.transition_codec import Key, encode
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl.rl.config import LearnerConfig, SacConfig, Steer, SteeringConfig
from zprl.rl.demo_replay import EmbeddedDemos
from zprl.rl.transition import LatentState, Transition
from zprl_core.errors import CheckpointError
from zprl_core.observation_spec import arm_observation
from zprl_learner.settings import LearnerSettings
from zprl_learner.training_session import TrainingSession


def settings(folder: Path) -> LearnerSettings:
    torch.manual_seed(0)
    save_base(
        folder / "base",
        BasePolicy(BaseConfig(arm_observation(("cube",)), latent_dim=2, horizon=4, n_action_steps=2, hidden=8)),
    )
    learner = LearnerConfig(SacConfig(critics=2, hidden=8, batch=4), utd=1.0, warmup=5, capacity=100)
    return LearnerSettings(
        base=str(folder / "base"), run="run", run_folder=str(folder), publish_every=4, learner=learner
    )


SOURCE = Source("robot", 7)
EXECUTED = 2 * 5  # steps of a chunk, and numbers of an action


def message(sequence: int, end: bool = False) -> bytes:
    def situation() -> LatentState:
        return LatentState(*(np.ones(n, np.float32) for n in (14, 2, 2, 2)))

    t = Transition(
        state=situation(),
        u=np.zeros(2, np.float32),
        reward=float(end),
        steps=2,
        terminated=end,
        truncated=False,
        next_state=situation(),
        episode=sequence // 6,
        executed=np.zeros(EXECUTED, np.float32),
    )
    return encode(Key("run", *SOURCE, sequence), t)


def work(session: TrainingSession, transitions: int) -> list[int]:
    """Numbers of the weights published on the way. Every sixth transition ends an episode."""
    published = []
    session.durable_learner.introduce(SOURCE, 0)
    for _ in range(transitions):
        sequence = session.durable_learner.sequences.next(SOURCE)
        session.take([message(sequence, end=sequence % 6 == 5)])
        while session.due:
            weights = session.update()
            published += [weights.actor_version] if weights else []
    return published


def test_weights_are_numbered_and_updates_stay_within_their_budget(tmp_path: Path) -> None:
    session = TrainingSession(settings(tmp_path))
    assert session.weights().actor_version == 0
    assert work(session, 4) == [] and session.update() is None  # still warming up
    assert work(session, 8) == [1, 2, 3]
    assert session.learner.sac.updates == 12
    words = metadata_from(session.weights().data)
    progress = {"number": "3", "updates": "12", "env_steps": "24"}
    steering = f"latent, scale {session.learner.size.scale:.6g}"
    assert words == {"run": "run", **progress, "base": session.fingerprint, "steering": steering, "flow_noise": "zero"}
    session.close()


def test_a_session_goes_on_where_it_was(tmp_path: Path) -> None:
    first = TrainingSession(settings(tmp_path))
    work(first, 8)
    first.close()
    second = TrainingSession(settings(tmp_path))
    assert (
        second.durable_learner.actor_version == first.durable_learner.actor_version and second.learner.env_steps == 16
    )
    assert second.weights().data == first.weights().data
    second.close()


def with_demonstrations(chosen: LearnerSettings) -> LearnerSettings:
    """The settings with a share of demonstrations in each batch, which the base now has with it."""
    rng = torch.Generator().manual_seed(1)
    demos = EmbeddedDemos(*(torch.randn(6, n, generator=rng) for n in (14, 2, 2)), torch.tensor([4, 6]))
    save_base(Path(chosen.base), load_base(chosen.base), demonstrations=demos)
    return replace(chosen, learner=replace(chosen.learner, demo_share=0.5))


def test_demonstrations_change_what_is_learned_and_a_killed_learner_repeats_it_from_its_record(tmp_path: Path) -> None:
    plain = TrainingSession(settings(tmp_path / "plain"))
    work(plain, 12)
    chosen = with_demonstrations(settings(tmp_path / "run"))
    session = TrainingSession(chosen)
    work(session, 12)
    learned = session.weights().data
    assert metadata_from(learned)["updates"] == metadata_from(plain.weights().data)["updates"] == "12"
    assert torch.any(session.learner.sac.actor.net[0].weight != plain.learner.sac.actor.net[0].weight)
    plain.close()
    session.durable_learner.close()  # without a checkpoint, as after SIGKILL
    again = TrainingSession(chosen)
    assert again.weights().data == learned
    again.close()


def test_a_base_without_demonstrations_is_refused(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    with pytest.raises(CheckpointError, match="has no demonstrations"):
        TrainingSession(replace(chosen, learner=replace(chosen.learner, demo_share=0.5)))


def test_a_paused_learner_stores_and_does_not_learn(tmp_path: Path) -> None:
    session = TrainingSession(settings(tmp_path))
    session.paused = True
    assert work(session, 8) == [] and session.learner.replay.added == 8
    session.paused = False
    numbers = [weights.actor_version for _ in range(20) if (weights := session.update()) is not None]
    assert numbers == [1, 2] and session.learner.sac.updates == 8
    session.close()


def test_a_full_disk_is_reported_and_what_was_kept_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = TrainingSession(settings(tmp_path))
    work(session, 8)
    session.save()
    before = load_counters(tmp_path / "actor")

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert session.take([message(8)]).new == 0
    assert "free some disk space" in session.trouble and session.learner.replay.added == 8
    session.save()
    assert "free some disk space" in session.trouble
    assert load_counters(tmp_path / "actor") == before
    monkeypatch.undo()
    assert session.take([message(8)]).new == 1
    session.close()
    assert session.trouble == "" and load_counters(tmp_path / "actor").added == 9


def test_no_weights_are_given_out_that_the_record_does_not_know_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = TrainingSession(settings(tmp_path))
    session.paused = True
    work(session, 12)
    session.paused = False

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert [session.update() for _ in range(4)] == [None] * 4
    session.row()  # what can be written hides nothing of what cannot
    assert "free some disk space" in session.trouble
    monkeypatch.undo()
    given = [weights.actor_version for _ in range(4) if (weights := session.update()) is not None]
    assert given == [2] and session.trouble == ""
    session.close()


def test_episodes_and_metrics_are_written(tmp_path: Path) -> None:
    session = TrainingSession(settings(tmp_path))
    work(session, 8)
    session.row()
    session.close()
    expected = ["episode,robot,env_steps,outcome,steps,return", "0,robot,12,SUCCESS,12,1.0"]
    assert (tmp_path / "metrics" / "episodes.csv").read_text().splitlines() == expected
    again = TrainingSession(settings(tmp_path))
    work(again, 4)
    again.close()
    expected.append("1,robot,24,SUCCESS,12,1.0")
    assert (tmp_path / "metrics" / "episodes.csv").read_text().splitlines() == expected
    header, *rows = (tmp_path / "metrics" / "metrics.csv").read_text().splitlines()
    assert {len(row.split(",")) for row in rows} == {len(header.split(","))}
    assert list((tmp_path / "metrics").glob("events.out.tfevents*"))


def test_a_missing_base_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no checkpoint in"):
        TrainingSession(replace(settings(tmp_path), base=str(tmp_path / "nothing")))


@pytest.mark.parametrize("what", ["base", "task", "preset", "steering"])
def test_a_run_of_another_base_task_or_settings_is_refused_and_stays(tmp_path: Path, what: str) -> None:
    mine = replace(settings(tmp_path), task="lift", preset="cpu")
    first = TrainingSession(mine)
    work(first, 8)
    first.close()
    changed = {"task": "push", "preset": "fast", "steering": SteeringConfig(Steer.ACTION)}
    other = replace(mine, **{what: changed[what]}) if what in changed else mine  # type: ignore[arg-type]
    if what == "base":
        torch.manual_seed(1)
        save_base(tmp_path / "base", BasePolicy(load_base(tmp_path / "base").config))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(OriginError, match=rf"the record in .* was made with another {what}: give that {what}"):
        TrainingSession(other)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_checkpoints_name_their_base_and_steering(tmp_path: Path) -> None:
    session = TrainingSession(replace(settings(tmp_path), task="lift", preset="cpu"))
    work(session, 8)
    session.close()
    found = actor_origin(tmp_path / "actor" / "000001")
    assert found is not None and found == session.origin and found.base == session.fingerprint
    assert (found.task, found.preset, found.steering) == ("lift", "cpu", session.settings.steering)


def test_an_actor_copied_from_a_run_of_another_base_is_refused(tmp_path: Path) -> None:
    first = TrainingSession(settings(tmp_path / "one"))
    first.close()
    two = settings(tmp_path / "two")
    torch.manual_seed(1)
    save_base(Path(two.base), BasePolicy(load_base(two.base).config))
    shutil.copytree(tmp_path / "one" / "actor" / "000001", tmp_path / "two" / "actor" / "000001")
    with pytest.raises(OriginError, match=r"the actor in .* was made with another base"):
        TrainingSession(two)


def test_a_journal_of_another_run_or_base_is_refused_with_both(tmp_path: Path) -> None:
    session = TrainingSession(settings(tmp_path))
    own = session.fingerprint
    assert session.journal_mismatch("run", "robot", own) == session.journal_mismatch("run", "robot", "") == ""
    assert "a journal of run 'other' came to run 'run'" in session.journal_mismatch("other", "robot", own)
    reason = session.journal_mismatch("run", "robot", "b" * 64)
    assert "robot 'robot' has transitions of base bbbbbbbbbbbb," in reason and own[:12] in reason
    session.close()
