"""Straightens the flow of a base, so that one or two Euler steps suffice (rectified flow, Liu et al. 2023).

The student learns the straight path from each noise to the chunk that the teacher makes of it, for latents of the
demonstrations and around them, where the residual actor will move them. Encoder and bottleneck stay as they are.
"""

from copy import deepcopy
from dataclasses import replace

import torch
from torch import Tensor

from zprl.models.base_policy import BasePolicy, freeze
from zprl.models.bottleneck import sample_latent
from zprl.models.flow import euler, flow_loss
from zprl.training.config import PretrainConfig
from zprl.training.minimize import Progress, minimize, no_progress
from zprl.training.pretrain import Windows, batches

TEACHER_STEPS = 10  # Euler steps of the teacher, which has no hurry
TRAINING = PretrainConfig(steps=3000, lr=5e-4)
AROUND = 0.5  # latents are moved by up to this times RMS(z), uniformly: more than a residual of the default scale


def straightened(
    base: BasePolicy,
    data: Windows,
    euler_steps: int,
    config: PretrainConfig = TRAINING,
    seed: int = 0,
    progress: Progress = no_progress,
) -> BasePolicy:
    """Returns a copy of a frozen base with a straight flow, which takes `euler_steps` Euler steps."""
    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        embedded = [base.embed(batch) for batch in batches(data)]
    mu, logvar = torch.cat([x.mu for x in embedded]), torch.cat([x.logvar for x in embedded])
    student = deepcopy(base)
    student.velocity.requires_grad_(True)
    average = deepcopy(student)

    def terms() -> dict[str, Tensor]:
        rows = torch.randint(len(mu), (config.batch,), generator=rng)
        e_hat, x_0, a = pairs(base, mu[rows], logvar[rows], rng)
        return {"straight": flow_loss(student.velocity, a, e_hat, x_0, torch.rand(len(a), generator=rng))}

    minimize(student.velocity, average.velocity, terms, config, progress)
    freeze(average)
    average.config = replace(base.config, euler_steps=euler_steps)
    return average


@torch.no_grad()
def pairs(base: BasePolicy, mu: Tensor, logvar: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Returns e_hat (B, E), noise x_0 (B, H, A) and the teacher's chunk of it, for posteriors (B, Z)."""
    z = sample_latent(mu, logvar, torch.randn(mu.shape, generator=rng))
    z = z + AROUND * base.latent_rms * (2.0 * torch.rand(z.shape, generator=rng) - 1.0)
    e_hat = base.bottleneck.decode(z)
    x_0 = base.noise(len(z), rng)
    return e_hat, x_0, euler(base.velocity, x_0, e_hat, TEACHER_STEPS)
