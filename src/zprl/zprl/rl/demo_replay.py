"""Demonstrations as transitions, for the learner's batches: their states embedded by the base, with u = 0."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from zprl.models.bottleneck import sample_latent
from zprl.rl.replay_buffer import Batch


@dataclass(frozen=True)
class EmbeddedDemos:
    """M demonstrations with N control steps in total, as a base embeds them."""

    e: Tensor  # (N, E)
    mu: Tensor  # (N, Z)
    logvar: Tensor  # (N, Z)
    episode_ends: Tensor  # (M,) one past each episode's last row

    def __post_init__(self) -> None:
        n = len(self.e)
        if self.mu.shape != self.logvar.shape or len(self.mu) != n or self.e.ndim != 2 or self.mu.ndim != 2:
            shapes = ", ".join(str(tuple(x.shape)) for x in (self.e, self.mu, self.logvar))
            raise ValueError(f"embedded demonstrations need e (N, E), mu and logvar (N, Z), got {shapes}")
        ends = self.episode_ends
        if not len(ends) or ends[0] <= 0 or bool((ends[1:] <= ends[:-1]).any()) or ends[-1] != n:
            raise ValueError(f"episode_ends must increase up to N={n}, got {ends.tolist()[:9]}")
        if not all(bool(torch.isfinite(x).all()) for x in (self.e, self.mu, self.logvar)):
            raise ValueError("embedded demonstrations contain a number that is not finite")


class DemoReplay:
    """Every control step of the demonstrations as the start of a chunk that the base would have played: u = 0.

    Each demonstration is a success: its last step has reward 1 and ends it.
    """

    def __init__(self, demos: EmbeddedDemos, n_action_steps: int, discount: float):
        self.demos = demos
        ends = demos.episode_ends.numpy()
        first = np.arange(ends[-1])
        end = np.repeat(ends, np.diff(ends, prepend=0))  # of each row's episode
        n = np.minimum(n_action_steps, end - first)
        ended = first + n == end
        self._next = torch.from_numpy(np.minimum(first + n, end - 1))  # without effect where the episode has ended
        self._steps = torch.from_numpy(n.astype(np.float32))
        self._terminated = torch.from_numpy(ended.astype(np.float32))
        self._reward = self._terminated * discount ** (self._steps - 1.0)

    def __len__(self) -> int:
        return len(self._steps)

    def sample(self, batch: int, rng: np.random.Generator) -> Batch:
        """Samples `batch` transitions uniformly with replacement, and the z of both of their states."""
        rows = torch.from_numpy(rng.integers(0, len(self), batch))
        next_rows, z = self._next[rows], self._latents(rows, rng)
        return Batch(
            e=self.demos.e[rows],
            z=z,
            u=torch.zeros_like(z),
            reward=self._reward[rows],
            steps=self._steps[rows],
            terminated=self._terminated[rows],
            truncated=torch.zeros(batch),
            next_e=self.demos.e[next_rows],
            next_z=self._latents(next_rows, rng),
        )

    def _latents(self, rows: Tensor, rng: np.random.Generator) -> Tensor:
        mu = self.demos.mu[rows]
        noise: npt.NDArray[np.float32] = rng.standard_normal(tuple(mu.shape), dtype=np.float32)
        return sample_latent(mu, self.demos.logvar[rows], torch.from_numpy(noise))


def joined(one: Batch, other: Batch) -> Batch:
    """Returns the transitions of both batches."""
    return Batch(**{name: torch.cat([x, getattr(other, name)]) for name, x in vars(one).items()})
