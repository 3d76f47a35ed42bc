"""Demonstrations as transitions of the learner."""

import numpy as np
import pytest
import torch

from experience import SIZE, lived
from zprl.rl.config import FinetuneConfig, LearnerConfig, SacConfig, Steer, SteeringConfig
from zprl.rl.demo_replay import DemoReplay, EmbeddedDemos
from zprl.rl.learner import Learner


def demos(ends: tuple[int, ...] = (5, 8), spread: float = -40.0) -> EmbeddedDemos:
    """Row k has e = (k, k, k) and mu = (k, k)."""
    rows = torch.arange(ends[-1], dtype=torch.float32)[:, None]
    return EmbeddedDemos(rows.repeat(1, 3), rows.repeat(1, 2), torch.full((ends[-1], 2), spread), torch.tensor(ends))


def test_every_step_starts_a_chunk_that_ends_with_its_episode() -> None:
    """Two episodes of 5 and 3 steps, chunks of 2: the last chunk of each has one step, and those before it two."""
    replay = DemoReplay(demos(), n_action_steps=2, discount=0.5)
    batch = replay.sample(2000, np.random.default_rng(0))
    rows = batch.e[:, 0].long()
    assert sorted(set(rows.tolist())) == list(range(8)) and len(replay) == 8
    steps = torch.tensor([2.0, 2, 2, 2, 1, 2, 2, 1])
    ended = torch.tensor([0.0, 0, 0, 1, 1, 0, 1, 1])
    reward = torch.tensor([0.0, 0, 0, 0.5, 1, 0, 0.5, 1])  # 0.5^(n - 1) where the episode ends
    assert torch.equal(batch.steps, steps[rows]) and torch.equal(batch.terminated, ended[rows])
    assert torch.equal(batch.reward, reward[rows]) and not batch.truncated.any() and not batch.u.any()
    goes_on = batch.terminated == 0
    assert torch.equal(batch.next_e[goes_on], batch.e[goes_on] + 2)
    assert torch.allclose(batch.z, batch.e[:, :2]) and torch.allclose(batch.next_z, batch.next_e[:, :2])  # no spread


def test_z_is_sampled_anew_each_time() -> None:
    replay = DemoReplay(demos(spread=0.0), 2, 0.99)
    batch = replay.sample(4000, np.random.default_rng(1))
    spread = batch.z - batch.e[:, :2]
    assert abs(float(spread.std()) - 1) < 0.05 and abs(float(spread.mean())) < 0.05
    assert not torch.equal(replay.sample(8, np.random.default_rng(2)).z, replay.sample(8, np.random.default_rng(3)).z)


def learner(share: float, replay: DemoReplay | None) -> Learner:
    config = LearnerConfig(SacConfig(critics=2, hidden=8, batch=8), 1.0, 8, 1000, share)
    made = Learner(SIZE, config, 0, replay)
    for transition in lived(40):
        made.add(transition)
    return made


def test_a_share_of_each_batch_is_from_demonstrations() -> None:
    replay = DemoReplay(demos(), 2, 0.99)
    batch = learner(0.25, replay)._batch()
    known = torch.isin(batch.e[:, 0], torch.arange(8.0)) & (batch.e[:, 0] == batch.e[:, 1])
    assert known.sum() == 2 and known[-2:].all() and not batch.u[known].any()
    assert len(batch.e) == len(batch.next_z) == len(batch.reward) == 8


def test_without_a_share_batches_are_as_before_bit_for_bit() -> None:
    one, other = learner(0.0, None), learner(0.0, DemoReplay(demos(), 2, 0.99))
    for _ in range(3):
        assert one.update() == other.update()


def test_the_same_seed_learns_the_same_from_demonstrations() -> None:
    one, other = (learner(0.5, DemoReplay(demos(), 2, 0.99)) for _ in range(2))
    for _ in range(3):
        assert one.update() == other.update()


def test_a_share_without_demonstrations_is_refused() -> None:
    with pytest.raises(ValueError, match=r"demo_share is 0.25, and the learner has no demonstrations; set it to 0"):
        learner(0.25, None)


@pytest.mark.parametrize(("share", "batch", "count"), [(0.001, 256, 0), (0.9, 1, 1)])
def test_a_share_that_is_none_or_all_of_a_batch_is_refused(share: float, batch: int, count: int) -> None:
    with pytest.raises(ValueError, match=f"of a batch of {batch} is {count} transitions; it must be at least one, and"):
        LearnerConfig(SacConfig(batch=batch), demo_share=share)


@pytest.mark.parametrize("steer", [Steer.ACTION, Steer.NOISE])
def test_a_share_is_refused_where_u_0_is_no_demonstration(steer: Steer) -> None:
    with pytest.raises(ValueError, match=f"steering.steer is {steer.value}: only with steer latent"):
        FinetuneConfig(LearnerConfig(demo_share=0.25), SteeringConfig(steer))


@pytest.mark.parametrize("ends", [(5, 9), (5, 5, 8), (0, 8), ()], ids=str)
def test_wrong_ends_are_refused(ends: tuple[int, ...]) -> None:
    good = demos()
    with pytest.raises(ValueError, match="episode_ends must increase up to N=8"):
        EmbeddedDemos(good.e, good.mu, good.logvar, torch.tensor(ends))


def test_numbers_that_are_not_finite_are_refused() -> None:
    good = demos()
    with pytest.raises(ValueError, match="not finite"):
        EmbeddedDemos(good.e * float("nan"), good.mu, good.logvar, good.episode_ends)
