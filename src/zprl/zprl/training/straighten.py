"""Straightens the flow of a base, so that one or two Euler steps suffice (rectified flow, Liu et al. 2023).

The student learns the straight path from each noise to the chunk that the teacher makes of it, for latents of the
demonstrations and around them, where the residual actor will move them. Encoder and bottleneck stay as they are.
"""

from copy import deepcopy
from dataclasses import replace

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from zprl.models.base_policy import BasePolicy
from zprl.models.bottleneck import sample_latent
from zprl.models.flow import euler, flow_loss
from zprl.training.accelerator import accelerator, cores_for
from zprl.training.batch_share import share_of
from zprl.training.config import PretrainConfig
from zprl.training.launch import launched
from zprl.training.minimize import Progress, minimize, no_progress
from zprl.training.windows import Windows, batches

TEACHER_STEPS = 10  # Euler steps of the teacher, which has no hurry
TRAINING = PretrainConfig(steps=3000, lr=5e-4)
AROUND = 0.5  # latents are moved by up to this times RMS(z), uniformly: more than a residual of the default scale


class StraightLoss(nn.Module):
    """The loss of a student's velocity against the straight paths to the teacher's chunks."""

    def __init__(self, teacher: BasePolicy, velocity: nn.Module):
        super().__init__()
        self.teacher, self.velocity = teacher, velocity

    def forward(self, z: Tensor, x_0: Tensor, t: Tensor) -> dict[str, Tensor]:
        """Returns the term for latents z (B, Z), noise x_0 (B, H, A) and times t (B,)."""
        e_hat, a = chunks(self.teacher, z, x_0)
        return {"straight": flow_loss(self.velocity, a, e_hat, x_0, t)}


def straightened(
    base: BasePolicy,
    data: Windows,
    euler_steps: int,
    config: PretrainConfig = TRAINING,
    seed: int = 0,
    progress: Progress = no_progress,
    fabric: Fabric | None = None,
) -> BasePolicy:
    """Returns a copy of a frozen base with a straight flow, which takes `euler_steps` Euler steps.

    `fabric`: what computes; by default `accelerator`'s choice.
    """
    chosen = accelerator(base.vision is not None) if fabric is None else fabric
    student = deepcopy(base)
    student.velocity.load_state_dict(launched(chosen, _trained, base, data, config, seed, progress))
    student.config = replace(base.config, euler_steps=euler_steps)
    return student


def _trained(
    fabric: Fabric, base: BasePolicy, data: Windows, config: PretrainConfig, seed: int, progress: Progress
) -> dict[str, Tensor]:
    """Returns the moving average of a student's velocity, the same in each of fabric's processes."""
    rng = torch.Generator().manual_seed(seed)
    batch, share = config.batch, share_of(fabric, config.batch)
    teacher = deepcopy(base).to(fabric.device)
    with torch.no_grad():
        embedded = [teacher.embed(x.to(fabric.device)) for x in batches(data)]
    mu, logvar = torch.cat([x.mu for x in embedded]).cpu(), torch.cat([x.logvar for x in embedded]).cpu()
    average = deepcopy(base.velocity)
    velocity = deepcopy(base.velocity).requires_grad_(True)

    def draw() -> tuple[Tensor, ...]:
        rows = torch.randint(len(mu), (batch,), generator=rng)
        z = latents(base, mu[rows], logvar[rows], rng)
        x_0, t = base.noise(batch, rng), torch.rand(batch, generator=rng)
        return z[share.rows], x_0[share.rows], t[share.rows]

    with cores_for(fabric, images=False):
        minimize(fabric, StraightLoss(teacher, velocity), velocity, average, draw, config, progress, share.weight)
    return average.state_dict()


def latents(base: BasePolicy, mu: Tensor, logvar: Tensor, rng: torch.Generator) -> Tensor:
    """Samples latents (B, Z) of posteriors, and moves them as a residual actor will."""
    z = sample_latent(mu, logvar, torch.randn(mu.shape, generator=rng))
    return z + AROUND * base.latent_rms * (2.0 * torch.rand(z.shape, generator=rng) - 1.0)


@torch.no_grad()
def chunks(base: BasePolicy, z: Tensor, x_0: Tensor) -> tuple[Tensor, Tensor]:
    """Returns e_hat (B, E) and the teacher's chunk (B, H, A) for latents z (B, Z) and noise x_0."""
    e_hat = base.bottleneck.decode(z)
    return e_hat, euler(base.velocity, x_0, e_hat, TEACHER_STEPS)
