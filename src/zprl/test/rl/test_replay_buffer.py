"""The ring keeps the newest transitions, and only those that fit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zprl.rl.config import LearnerConfig, ProblemSize, SacConfig
from zprl.rl.learner import Learner
from zprl.rl.replay_buffer import ReplayBuffer
from zprl.rl.transition import LatentState, Transition


def transition(reward: float = 0.0, e: int = 3, steps: int = 2) -> Transition:
    def situation() -> LatentState:
        return LatentState(np.ones(e, np.float32), *(np.zeros(2, np.float32) for _ in range(3)))

    return Transition(situation(), np.zeros(2, np.float32), reward, steps, False, False, situation())


@given(st.integers(0, 30), st.integers(1, 10))
def test_the_newest_survive(count: int, capacity: int) -> None:
    replay = ReplayBuffer(capacity, 3, 2, 2)
    for k in range(count):
        replay.add(transition(float(k)))
    kept = replay.columns["reward"][: len(replay)].tolist()
    assert sorted(kept) == [float(k) for k in range(count)][-capacity:]
    assert all(kept[k % capacity] == k for k in range(max(0, count - capacity), count))  # at its place in the ring


def test_a_transition_of_another_run_is_refused() -> None:
    replay = ReplayBuffer(4, 3, 2, 2)
    with pytest.raises(ValueError, match=r"e of shape \(5,\), but the replay buffer needs \(3,\)"):
        replay.add(transition(e=5))
    assert len(replay) == 0


def test_a_transition_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        transition(float("nan"))


@given(st.integers(0, 40), st.sampled_from([0.5, 1.0, 2.0]))
def test_updates_never_run_ahead_of_the_budget(count: int, utd: float) -> None:
    learner = Learner(ProblemSize(3, 2, 2, 0.2), LearnerConfig(SacConfig(critics=2, hidden=4, batch=2), utd, 10, 100))
    for _ in range(count):
        learner.add(transition())
        while learner.due > 0:
            learner.update()
    assert learner.sac.updates <= utd * count
    assert learner.sac.updates == (int(utd * count) if count >= 10 else 0)
    assert learner.env_steps == 2 * count


def test_what_a_person_did_is_counted_and_not_learned_from() -> None:
    """Four transitions, the second and third a person's: their steps count, and the replay has the other two."""
    by_one, at_once = (
        Learner(ProblemSize(3, 2, 2, 0.2), LearnerConfig(SacConfig(critics=2, hidden=4, batch=2), 1.0, 2, 100))
        for _ in range(2)
    )
    lived = [replace(transition(float(k)), intervention=k in (1, 2)) for k in range(4)]
    for one in lived:
        by_one.add(one)
    rows = {name: np.stack([np.asarray(v) for v in column]) for name, column in columns(lived).items()}
    at_once.extend(rows)
    for learner in (by_one, at_once):
        assert learner.replay.columns["reward"][: len(learner.replay)].tolist() == [0.0, 3.0]
        assert learner.env_steps == 8 and learner.due == 2


def columns(lived: list[Transition]) -> dict[str, list]:
    rows = [{**vars(t.state), **{f"next_{k}": v for k, v in vars(t.next_state).items()}, **vars(t)} for t in lived]
    return {name: [row[name] for row in rows] for name in (*ReplayBuffer(1, 3, 2, 2).sizes, "intervention")}
