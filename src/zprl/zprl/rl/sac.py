"""REDQ-style SAC on the residual, without entropy in the target. Equations as in method.md, online.

Every loss is a pure function of networks and batch; `Sac.update` is one gradient step.
"""

from copy import deepcopy

import torch
from torch import Tensor, nn

from zprl.models.actor import Actor, ActorShape
from zprl.models.critic import Critics
from zprl.rl.config import SacConfig
from zprl.rl.replay_buffer import Batch


def bellman_target(reward: Tensor, steps: Tensor, end: Tensor, next_q: Tensor, discount: float) -> Tensor:
    """Returns y = R + (1 - end) g^n min_j Q_j(s2, u2). reward, steps, end (B,), next_q (subset, B)."""
    return reward + (1.0 - end) * discount**steps * next_q.min(0).values


def critic_loss(q: Tensor, y: Tensor) -> Tensor:
    """Returns L_Q = sum_j mean_batch (Q_j - y)^2. q (M, B), y (B,)."""
    return (q - y).square().mean(-1).sum()


def actor_loss(alpha: Tensor, log_pi: Tensor, q: Tensor) -> Tensor:
    """Returns L_pi = mean(alpha log pi - mean_j Q_j). log_pi (B,), q (M, B)."""
    return (alpha * log_pi - q.mean(0)).mean()


def temperature_loss(log_alpha: Tensor, log_pi: Tensor, target_entropy: float) -> Tensor:
    """Returns L_alpha = -log alpha * mean(log pi + target entropy): alpha grows when the entropy is too small."""
    return -log_alpha * (log_pi + target_entropy).mean()


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
        self.log_alpha = torch.tensor(config.alpha_0).log().requires_grad_(True)
        self.target_entropy = config.entropy_per_dim * residual_dim
        self.actor_opt = torch.optim.Adam(self.actor.parameters(), config.actor_lr)
        self.critic_opt = torch.optim.Adam(self.critics.parameters(), config.critic_lr)
        self.alpha_opt = torch.optim.Adam([self.log_alpha], config.actor_lr)
        self.updates = 0

    def update(self, batch: Batch) -> dict[str, float]:
        """Makes a gradient step on the critics and, on every `actor_every`-th call, on actor and temperature."""
        metrics = self._update_critics(batch)
        self.updates += 1
        if self.updates > self.config.actor_after and self.updates % self.config.actor_every == 0:
            metrics |= self._update_actor(batch)
        return metrics

    def _update_critics(self, batch: Batch) -> dict[str, float]:
        y = self._target(batch)
        q = self.critics(batch.e, batch.z + self.scale * batch.u)
        loss = critic_loss(q, y)
        self._step(self.critic_opt, loss, self.critics)
        with torch.no_grad():
            torch._foreach_lerp_(list(self.target.parameters()), list(self.critics.parameters()), self.config.tau)
        return {"critic_loss": loss.item() / self.config.critics, "q_mean": q.mean().item()}

    @torch.no_grad()
    def _target(self, batch: Batch) -> Tensor:
        u, _ = self.actor.sample(batch.next_e, batch.next_z, self._normal(batch.next_z))
        q = self.target(batch.next_e, batch.next_z + self.scale * u)
        chosen = torch.randperm(self.config.critics, generator=self.rng)[: self.config.subset]
        end = batch.terminated
        if self.config.timeout_is_terminal:
            end = torch.maximum(end, batch.truncated)
        return bellman_target(batch.reward, batch.steps, end, q[chosen], self.config.discount)

    def _update_actor(self, batch: Batch) -> dict[str, float]:
        u, log_pi = self.actor.sample(batch.e, batch.z, self._normal(batch.z))
        self.critics.requires_grad_(False)
        q = self.critics(batch.e, batch.z + self.scale * u)
        loss = actor_loss(self.log_alpha.exp().detach(), log_pi, q)
        self._step(self.actor_opt, loss, self.actor)
        self.critics.requires_grad_(True)
        alpha_loss = temperature_loss(self.log_alpha, log_pi.detach(), self.target_entropy)
        self.alpha_opt.zero_grad(set_to_none=True)
        alpha_loss.backward()
        self.alpha_opt.step()
        return {
            "actor_loss": loss.item(),
            "temperature": self.log_alpha.exp().item(),
            "entropy": -log_pi.mean().item(),
            "rms_u": self.scale * u.detach().square().mean().sqrt().item(),
            "rms_z": batch.z.square().mean().sqrt().item(),
        }

    def _step(self, optimizer: torch.optim.Optimizer, loss: Tensor, module: nn.Module) -> None:
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(module.parameters(), self.config.grad_clip)
        optimizer.step()

    def _normal(self, like: Tensor) -> Tensor:
        return torch.randn(like.shape, generator=self.rng)
