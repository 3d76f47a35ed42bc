"""Every loss of the residual SAC, with numbers worked out by hand."""

import math
import subprocess
import sys

import pytest
import torch

from zprl.models.actor import Actor, ActorShape, squash
from zprl.models.critic import Critics
from zprl.rl.config import LearnerConfig, ProblemSize, SacConfig
from zprl.rl.learner import Learner
from zprl.rl.replay_buffer import Batch
from zprl.rl.sac import Sac, actor_loss, bellman_target, critic_loss, temperature_slope


def test_terminal_step_is_not_bootstrapped() -> None:
    # reward 1 and the end: y = 1, whatever the critics say of the next state
    y = bellman_target(torch.tensor([1.0]), torch.tensor([4.0]), torch.tensor([1.0]), torch.tensor([[9.0]]), 0.9)
    assert y.item() == 1.0


def test_discount_counts_the_steps_really_executed() -> None:
    # n = 2 of g = 0.9: 0.81 * min(5, 3) = 2.43; n = 4: 0.6561 * 3 = 1.9683
    next_q = torch.tensor([[5.0, 5.0], [3.0, 3.0]])
    y = bellman_target(torch.zeros(2), torch.tensor([2.0, 4.0]), torch.zeros(2), next_q, 0.9)
    assert y.tolist() == pytest.approx([2.43, 1.9683])


def test_critic_loss_sums_over_critics_and_averages_over_the_batch() -> None:
    # critic 1: (1 + 9) / 2 = 5, critic 2: (0 + 4) / 2 = 2
    assert critic_loss(torch.tensor([[1.0, 3.0], [0.0, 2.0]]), torch.zeros(2)).item() == 7.0


def test_actor_loss_takes_the_mean_critic() -> None:
    # 0.5 * (-2) - (1 + 3) / 2 = -3
    loss = actor_loss(torch.tensor(0.5), torch.tensor([-2.0]), torch.tensor([[1.0], [3.0]]))
    assert loss.item() == -3.0


def test_temperature_rises_when_entropy_is_below_its_target() -> None:
    # entropy = -log pi = -3, target -2: too small, so the gradient of the loss in log alpha is negative
    assert temperature_slope(torch.tensor([3.0]), -2.0).item() == -1.0


def test_log_density_of_the_squashed_normal() -> None:
    # at n = 0, mean 0, deviation 2: N = 1 / (2 sqrt(2 pi)), and tanh'(0) = 1
    u, log_pi = squash(torch.zeros(1, 1), torch.full((1, 1), math.log(2.0)), torch.zeros(1, 1))
    assert u.item() == 0.0
    assert log_pi.item() == pytest.approx(-math.log(2.0) - 0.5 * math.log(2 * math.pi))


def test_log_density_includes_the_slope_of_tanh() -> None:
    # x = 1: log pi = log N(1; 1, 1) - log(1 - tanh(1)^2)
    _, log_pi = squash(torch.ones(1, 1), torch.zeros(1, 1), torch.zeros(1, 1))
    assert log_pi.item() == pytest.approx(-0.5 * math.log(2 * math.pi) - math.log(1 - math.tanh(1.0) ** 2), rel=1e-5)


def test_an_untrained_actor_hardly_moves_the_latent() -> None:
    torch.manual_seed(0)
    actor = Actor(ActorShape(embedding_dim=6, residual_dim=4))
    u, _ = actor.sample(torch.randn(256, 6), torch.randn(256, 4), torch.randn(256, 4))
    assert u.abs().max() < 0.2


def test_bounded_critics_stay_between_zero_and_one() -> None:
    q = Critics(3, 2, members=4, bounded=True)(100 * torch.randn(64, 3), 100 * torch.randn(64, 2))
    assert q.shape == (4, 64) and q.min() >= 0 and q.max() <= 1


def test_members_of_the_ensemble_are_independent() -> None:
    torch.manual_seed(0)
    critics = Critics(3, 2, members=2)
    q = critics(torch.randn(8, 3), torch.randn(8, 2))
    q[0].sum().backward()
    grads = [p.grad for p in critics.parameters()]
    assert all(g is not None and g[1].abs().sum() == 0 for g in grads)
    assert any(g is not None and g[0].abs().sum() > 0 for g in grads)


def batch(reward: float, terminated: float, truncated: float = 0.0, n: int = 64) -> Batch:
    one = torch.ones(n)
    e, z, u = torch.zeros(n, 3), torch.zeros(n, 2), torch.zeros(n, 2)
    return Batch(e, z, u, reward * one, one, terminated * one, truncated * one, e, z)


def test_critics_learn_the_value_of_a_terminal_reward() -> None:
    sac = Sac(3, 2, 0.2, SacConfig(critics=2, critic_lr=1e-3, hidden=64), seed=0)
    for _ in range(300):
        sac.update(batch(reward=1.0, terminated=1.0))
    assert sac.critics(torch.zeros(1, 3), torch.zeros(1, 2)).mean().item() == pytest.approx(1.0, abs=0.05)


def test_a_time_out_bootstraps_unless_asked_otherwise() -> None:
    for terminal in (False, True):
        sac = Sac(3, 2, 0.2, SacConfig(critics=2, discount=0.5, timeout_is_terminal=terminal), seed=0)
        y = sac._target(batch(reward=1.0, terminated=0.0, truncated=1.0), torch.zeros(64, 2), torch.arange(2))
        assert torch.allclose(y, torch.ones(64)) == terminal


def test_the_actor_climbs_the_critic() -> None:
    # the reward is the first number of the summed latent: u should point there
    torch.manual_seed(0)
    sac = Sac(3, 2, 1.0, SacConfig(critics=2, actor_lr=1e-3, critic_lr=1e-3, alpha_0=1e-4, hidden=64), seed=0)
    one = torch.ones(256)
    e, z = torch.zeros(256, 3), torch.zeros(256, 2)
    for _ in range(300):
        u = 2 * torch.rand(256, 2) - 1
        sac.update(Batch(e, z, u, u[:, 0], one, one, 0 * one, e, z))
    assert sac.actor.mode(torch.zeros(1, 3), torch.zeros(1, 2))[0, 0] > 0.5


@pytest.mark.parametrize("wrong", [{"subset": 3, "critics": 2}, {"discount": 1.5}])
def test_wrong_numbers_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        SacConfig(**wrong)  # type: ignore[arg-type]


COMPILED = """
import torch
from zprl.rl.config import SacConfig
from zprl.rl.replay_buffer import FIELDS, Batch
from zprl.rl.sac import Sac

torch.set_num_threads(1)
config = SacConfig(critics=3, hidden=16, batch=32, grad_clip=0.1)
eager, compiled = (Sac(5, 3, 0.3, config, seed=1) for _ in range(2))
before = [x.clone() for x in compiled._changing]
compiled.compile()
assert all(torch.equal(a, b) for a, b in zip(before, compiled._changing, strict=True))
assert compiled._step_critics != compiled._critic_step
rng = torch.Generator().manual_seed(0)
shapes = dict(e=(32, 5), z=(32, 3), u=(32, 3), next_e=(32, 5), next_z=(32, 3))
for step in range(6):
    batch = Batch(**{name: torch.rand(shapes.get(name, (32,)), generator=rng) for name in FIELDS})
    one, two = eager.update(batch), compiled.update(batch)
    assert one.keys() == two.keys() and all(abs(one[k] - two[k]) < 1e-4 for k in one), (one, two)
for a, b, start in zip(eager._changing, compiled._changing, before, strict=True):
    assert torch.allclose(a, b, atol=1e-4), (a - b).abs().max()
assert eager.log_alpha != torch.tensor(config.alpha_0).log()
"""


def test_compiled_updates_are_the_eager_ones_apart_from_rounding() -> None:
    subprocess.run([sys.executable, "-c", COMPILED], check=True)


def test_without_a_compiler_it_says_why_it_is_slower(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(sac: Sac) -> None:
        raise RuntimeError("InvalidCxxCompiler: No working C++ compiler found\n\nand much more")

    monkeypatch.setattr(Sac, "compile", fails)
    said = Learner(ProblemSize(5, 3, 3, 0.3), LearnerConfig(warmup=1)).compile()
    assert said == (
        "updates are not compiled, and take longer (InvalidCxxCompiler: No working C++ compiler found); "
        "install g++, or set CXX"
    )
