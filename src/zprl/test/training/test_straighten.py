"""A straightened flow gives the teacher's chunks in one step."""

import torch

from zprl.models.base_policy import BasePolicy, freeze
from zprl.models.config import BaseConfig
from zprl.models.flow import euler
from zprl.training.config import PretrainConfig
from zprl.training.straighten import chunks, latents, straightened
from zprl.training.windows import Windows
from zprl_core.observation_spec import arm_observation

SIZES = {"latent_dim": 2, "horizon": 4, "n_action_steps": 2, "hidden": 32}


def curved() -> BasePolicy:
    """A base whose flow is not straight."""
    torch.manual_seed(0)
    base = BasePolicy(BaseConfig(arm_observation(("cube",)), **SIZES))
    with torch.no_grad():
        for p in base.velocity.parameters():
            p.mul_(2.5)
    freeze(base)
    return base


def test_one_step_comes_close_to_what_the_teacher_needs_ten_for() -> None:
    base = curved()
    states = torch.randn(200, base.config.observation.state_size)
    student = straightened(base, Windows(states, torch.zeros(200, 4, 5)), 1, PretrainConfig(600, 64, 2e-3, warmup=20))
    mu, logvar = torch.randn(256, 2), torch.zeros(256, 2)
    rng = torch.Generator().manual_seed(1)
    z = latents(base, mu, logvar, rng)
    x_0 = base.noise(len(z), rng)
    e_hat, a = chunks(base, z, x_0)
    with torch.no_grad():
        errors = [float((euler(v, x_0, e_hat, 1) - a).square().mean()) for v in (base.velocity, student.velocity)]
    assert errors[1] < 0.3 * errors[0]
    assert student.config.euler_steps == 1 and base.config.euler_steps == 5
    assert not any(p.requires_grad for p in student.parameters())
    for x, y in zip(base.bottleneck.parameters(), student.bottleneck.parameters(), strict=True):
        assert torch.equal(x, y)
