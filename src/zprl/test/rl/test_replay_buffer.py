"""The ring keeps the newest transitions, and only those that fit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable import contents
from experience import SIZE, lived
from zprl.rl.config import LearnerConfig, ProblemSize, SacConfig
from zprl.rl.learner import Learner
from zprl.rl.replay_buffer import FIELDS, ReplayBuffer
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
    kept = contents(replay)["reward"].tolist()
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
        assert contents(learner.replay)["reward"].tolist() == [0.0, 3.0]
        assert learner.env_steps == 8 and learner.due == 2


def columns(lived: list[Transition]) -> dict[str, list]:
    rows = [{**vars(t.state), **{f"next_{k}": v for k, v in vars(t.next_state).items()}, **vars(t)} for t in lived]
    found = {name: [row[name] for row in rows] for name in (*ReplayBuffer(1, 3, 2, 2).sizes, "intervention")}
    return {**found, "journal": [0] * len(rows)}


class PlainRing:
    """The replay buffer as it was before: e and next_e of each transition."""

    def __init__(self, capacity: int):
        self.capacity, self.rows = capacity, list[dict]()
        self.added = 0

    def add(self, row: dict) -> None:
        place = self.added % self.capacity
        self.rows[place : place + 1] = [row]
        self.added += 1

    def sample(self, batch: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
        index = rng.integers(0, len(self.rows), batch)
        return {name: np.array([self.rows[i][name] for i in index], dtype=np.float32) for name in FIELDS}


@given(
    st.integers(1, 12),
    st.lists(st.lists(st.integers(0, 2), max_size=15), max_size=8),
    st.integers(1, 7),
)
def test_batches_are_those_of_a_ring_that_holds_each_state_twice(
    capacity: int, blocks: list[list[int]], length: int
) -> None:
    """Three robots, interleaved at random; blocks larger than the ring; episodes longer than the ring."""
    waiting = [lived(130, SIZE, length, robot) for robot in range(3)]
    plain, sharing = PlainRing(capacity), ReplayBuffer(capacity, 3, 2, 2)
    for robots in blocks:
        block = [waiting[robot].pop(0) for robot in robots]
        rows = {name: np.array(column) for name, column in columns(block).items()} | {"journal": np.array(robots)}
        if block:
            sharing.extend(rows)
        for i in range(len(block)):
            plain.add({name: column[i] for name, column in rows.items()})
        if plain.rows:
            expected, found = plain.sample(20, np.random.default_rng(1)), sharing.sample(20, np.random.default_rng(1))
            assert all(np.array_equal(expected[name], getattr(found, name).numpy()) for name in FIELDS)


@pytest.mark.parametrize("at_once", [1, 7, 100])
def test_a_state_between_two_chunks_is_held_once(at_once: int) -> None:
    """Episodes of 10 transitions have 11 states: a ring of 50 has 55, and a few that are freed and taken again."""
    replay, made = ReplayBuffer(50, 3, 2, 2), lived(400, SIZE, 10)
    for begin in range(0, 400, at_once):
        rows = columns(made[begin : begin + at_once])
        replay.extend({name: np.array(column) for name, column in rows.items()})
    assert replay._states.used <= 56
    own = 4 * (2 + 4) + 2 * 8 + 1  # u, four numbers, two rows, one flag
    assert replay.nbytes == replay._states.used * 4 * (3 + 2 + 2 + 2) + 50 * own


def test_zero_and_minus_zero_are_not_one_state() -> None:
    """A batch has the bits that were stored."""
    before, after = lived(2)
    zeros = LatentState(*(np.zeros_like(x) for x in vars(before.state).values()))
    negative = LatentState(*(-np.zeros_like(x) for x in vars(before.state).values()))
    replay = ReplayBuffer(4, 3, 2, 2)
    replay.add(replace(before, next_state=zeros))
    replay.add(replace(after, state=negative))
    found = contents(replay)
    assert not np.signbit(found["next_e"][0]).any() and np.signbit(found["e"][1]).all()


def test_an_old_state_is_freed_with_the_later_of_its_transitions() -> None:
    """A ring of two: the first transition leaves, and the second still starts where the first ended."""
    made, replay = lived(3), ReplayBuffer(2, 3, 2, 2)
    for t in made:
        replay.add(t)
    found = contents(replay)
    assert np.array_equal(found["e"][1], made[0].next_state.e) and replay._states.used <= 4
