"""REDQ-style SAC on the residual, without entropy in the target. Equations as in method.md, online.

Every loss is a pure function of networks and batch; `Sac.update` is one gradient step.
"""

import math
from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Tensor

from zprl.models.actor import Actor, ActorShape
from zprl.models.critic import Critics
from zprl.rl.adam import Adam
from zprl.rl.config import SacConfig
from zprl.rl.replay_buffer import Batch, zeros

ACTOR_METRICS = ("actor_loss", "temperature", "entropy", "rms_u", "rms_z")


def bellman_target(reward: Tensor, steps: Tensor, end: Tensor, next_q: Tensor, discount: float) -> Tensor:
    """Returns y = R + (1 - end) g^n min_j Q_j(s2, u2). reward, steps, end (B,), next_q (subset, B)."""
    return reward + (1.0 - end) * discount**steps * next_q.min(0).values


def critic_loss(q: Tensor, y: Tensor) -> Tensor:
    """Returns L_Q = sum_j mean_batch (Q_j - y)^2. q (M, B), y (B,)."""
    return (q - y).square().mean(-1).sum()


def actor_loss(alpha: Tensor, log_pi: Tensor, q: Tensor) -> Tensor:
    """Returns L_pi = mean(alpha log pi - mean_j Q_j). log_pi (B,), q (M, B)."""
    return (alpha * log_pi - q.mean(0)).mean()


def temperature_slope(log_pi: Tensor, target_entropy: float) -> Tensor:
    """Returns the slope in log alpha of L_alpha = -log alpha * mean(log pi + target entropy).

    Alpha grows when the entropy is too small.
    """
    return -(log_pi + target_entropy).mean()


class Sac:
    """Actor, critics, temperature and their optimizers."""

    def __init__(self, embedding_dim: int, residual_dim: int, scale: float, config: SacConfig, seed: int = 0):
        self.config, self.scale = config, scale
        self.rng = torch.Generator().manual_seed(seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.actor = Actor(ActorShape(embedding_dim, residual_dim, config.hidden), config.log_std_0)
            self.critics = Critics(embedding_dim, residual_dim, config.critics, config.hidden, config.bounded)
        self.target = deepcopy(self.critics).requires_grad_(False)
        self.log_alpha = torch.tensor(config.alpha_0).log()
        self.target_entropy = config.entropy_per_dim * residual_dim
        self.actor_opt = Adam(list(self.actor.parameters()), config.actor_lr)
        self.critic_opt = Adam(list(self.critics.parameters()), config.critic_lr)
        self.alpha_opt = Adam([self.log_alpha], config.actor_lr)
        self.updates = 0
        self._step_critics: Callable[..., Tensor] = self._critic_step
        self._step_actor: Callable[..., Tensor] = self._actor_step

    def compile(self) -> None:
        """Compiles both steps, so that they are faster and differ by rounding; nothing else changes.

        Takes a minute, minutes on a busy machine, or seconds where it was done before. Raises RuntimeError where there
        is no C++ compiler.
        """
        torch._dynamo.config.trace_autograd_ops = True
        steps = self._critic_step, self._actor_step
        critic_step, actor_step = (torch.compile(step, fullgraph=True, dynamic=False) for step in steps)
        before = [x.clone() for x in self._changing]
        batch = zeros(self.config.batch, self.actor.shape.embedding_dim, self.actor.shape.residual_dim)
        noise, chosen = torch.zeros_like(batch.z), torch.arange(self.config.subset)
        critic_step(batch, noise, chosen, torch.ones(2))
        actor_step(batch, noise, torch.ones(2), torch.ones(2))
        with torch.no_grad():
            torch._foreach_copy_(self._changing, before)
        self._step_critics, self._step_actor = critic_step, actor_step

    @property
    def _changing(self) -> list[Tensor]:
        """Every tensor that the steps change."""
        optimizers = self.actor_opt, self.critic_opt, self.alpha_opt
        moments = [x for o in optimizers for x in (*o.parameters, *o.exp_avg, *o.exp_avg_sq)]
        return [*moments, *self.target.parameters()]

    def update(self, batch: Batch) -> dict[str, float]:
        """Makes a gradient step on the critics and, on every `actor_every`-th call, on actor and temperature."""
        noise, chosen = self._normal(batch.next_z), self._chosen()
        loss, q = self._step_critics(batch, noise, chosen, self.critic_opt.corrections()).tolist()
        metrics = {"critic_loss": loss / self.config.critics, "q_mean": q}
        self.updates += 1
        if self.updates > self.config.actor_after and self.updates % self.config.actor_every == 0:
            corrections = self.actor_opt.corrections(), self.alpha_opt.corrections()
            values = self._step_actor(batch, self._normal(batch.z), *corrections).tolist()
            metrics |= dict(zip(ACTOR_METRICS, values, strict=True))
        return metrics

    def _critic_step(self, batch: Batch, noise: Tensor, chosen: Tensor, corrections: Tensor) -> Tensor:
        """Changes critics and target. `noise` (B, U) draws u2, `chosen` are the critics in the target."""
        y = self._target(batch, noise, chosen)
        q = self.critics(batch.e, batch.z + self.scale * batch.u)
        loss = critic_loss(q, y)
        gradients = torch.autograd.grad(loss, self.critic_opt.parameters)
        self.critic_opt.step(gradients, corrections, self.config.grad_clip)
        with torch.no_grad():
            torch._foreach_lerp_(list(self.target.parameters()), self.critic_opt.parameters, self.config.tau)
        return torch.stack([loss, q.mean()]).detach()

    @torch.no_grad()
    def _target(self, batch: Batch, noise: Tensor, chosen: Tensor) -> Tensor:
        u, _ = self.actor.sample(batch.next_e, batch.next_z, noise)
        q = self.target(batch.next_e, batch.next_z + self.scale * u, chosen)
        end = batch.terminated
        if self.config.timeout_is_terminal:
            end = torch.maximum(end, batch.truncated)
        return bellman_target(batch.reward, batch.steps, end, q, self.config.discount)

    def _actor_step(self, batch: Batch, noise: Tensor, corrections: Tensor, alpha_corrections: Tensor) -> Tensor:
        """Changes actor and temperature. `noise` (B, U) draws u."""
        u, log_pi = self.actor.sample(batch.e, batch.z, noise)
        q = self.critics(batch.e, batch.z + self.scale * u)
        loss = actor_loss(self.log_alpha.exp(), log_pi, q)
        gradients = torch.autograd.grad(loss, self.actor_opt.parameters)
        self.actor_opt.step(gradients, corrections, self.config.grad_clip)
        slope = temperature_slope(log_pi.detach(), self.target_entropy)
        self.alpha_opt.step([slope], alpha_corrections, math.inf)
        rms_u, rms_z = self.scale * u.square().mean().sqrt(), batch.z.square().mean().sqrt()
        return torch.stack([loss, self.log_alpha.exp(), -log_pi.mean(), rms_u, rms_z]).detach()

    def _chosen(self) -> Tensor:
        return torch.randperm(self.config.critics, generator=self.rng)[: self.config.subset]

    def _normal(self, like: Tensor) -> Tensor:
        return torch.randn(like.shape, generator=self.rng)
