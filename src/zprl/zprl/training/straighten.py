"""Straightens the flow of a base, so that one or two Euler steps suffice (rectified flow, Liu et al. 2023).

The student learns the straight path from each noise to the chunk that the teacher makes of it, for latents of the
demonstrations and around them, where the residual actor will move them. Encoder and bottleneck stay as they are.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

import torch
from torch import Tensor

from zprl.models.base_policy import BasePolicy, freeze
from zprl.models.bottleneck import sample_latent
from zprl.models.embedding import Embedding
from zprl.models.flow import euler, flow_loss
from zprl.training.config import StraightenConfig
from zprl.training.pretrain import Windows, batches, warmup_cosine

TEACHER_STEPS = 10  # Euler steps of the teacher, which has no hurry
DEFAULT = StraightenConfig()
AROUND = 0.5  # latents are moved by up to this times RMS(z), uniformly: more than a residual of the default scale


def straightened(
    base: BasePolicy,
    data: Windows,
    euler_steps: int,
    config: StraightenConfig = DEFAULT,
    seed: int = 0,
    progress: Callable[[int, dict[str, float]], None] = lambda step, metrics: None,
) -> BasePolicy:
    """Returns a copy of a frozen base with a straight flow, which takes `euler_steps` Euler steps."""
    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        embedded = [base.embed(batch) for batch in batches(data)]
    posterior = Embedding(*(torch.cat([getattr(x, name) for x in embedded]) for name in ("e", "mu", "logvar")))
    student = deepcopy(base).requires_grad_(False)
    student.velocity.requires_grad_(True)
    ema = deepcopy(student)
    parameters: list[Tensor] = list(student.velocity.parameters())
    optimizer = torch.optim.AdamW(parameters, config.lr, betas=(0.95, 0.999), weight_decay=config.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: warmup_cosine(k, config.warmup, config.steps))
    for step in range(config.steps):
        rows = torch.randint(len(posterior.mu), (config.batch,), generator=rng)
        e_hat, x_0, a = pairs(base, posterior.mu[rows], posterior.logvar[rows], rng)
        loss = flow_loss(student.velocity, a, e_hat, x_0, torch.rand(len(a), generator=rng))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        decay = min(config.ema, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_(list(ema.velocity.parameters()), parameters, 1 - decay)
        if step % 100 == 99 or step + 1 == config.steps:
            progress(step + 1, {"straight": loss.item()})
    freeze(ema)
    ema.config = replace(base.config, euler_steps=euler_steps)
    return ema


@torch.no_grad()
def pairs(base: BasePolicy, mu: Tensor, logvar: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Returns e_hat (B, E), noise x_0 (B, H, A) and the teacher's chunk of it, for posteriors (B, Z)."""
    z = sample_latent(mu, logvar, torch.randn(mu.shape, generator=rng))
    z = z + AROUND * base.latent_rms * (2.0 * torch.rand(z.shape, generator=rng) - 1.0)
    e_hat = base.bottleneck.decode(z)
    x_0 = base.noise(len(z), rng)
    return e_hat, x_0, euler(base.velocity, x_0, e_hat, TEACHER_STEPS)
