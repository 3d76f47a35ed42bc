"""A ring buffer of transitions as flat arrays: embeddings, never images."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from zprl.rl.transition import Transition


@dataclass(frozen=True)
class Batch:
    """A batch of B transitions. Shapes: e (B, E), z and u (B, U), the rest (B,)."""

    e: Tensor
    z: Tensor
    u: Tensor
    reward: Tensor
    steps: Tensor
    terminated: Tensor
    truncated: Tensor
    next_e: Tensor
    next_z: Tensor


class ReplayBuffer:
    """Holds the last `capacity` transitions of sizes E, Z and U."""

    def __init__(self, capacity: int, embedding_dim: int, latent_dim: int, residual_dim: int):
        self.capacity = capacity
        self.sizes = {
            "e": embedding_dim, "mu": latent_dim, "logvar": latent_dim, "z": residual_dim, "u": residual_dim,
            "next_e": embedding_dim, "next_mu": latent_dim, "next_logvar": latent_dim, "next_z": residual_dim,
            "reward": 0, "steps": 0, "terminated": 0, "truncated": 0,
        }  # fmt: skip
        self.columns = {name: _column(capacity, size) for name, size in self.sizes.items()}
        self.added = 0

    def __len__(self) -> int:
        return min(self.added, self.capacity)

    def add(self, t: Transition) -> None:
        """Stores one transition. Raises ValueError, and stores nothing, when a size does not fit."""
        row = {
            **vars(t.state), "u": t.u, **{f"next_{k}": v for k, v in vars(t.next_state).items()},
            "reward": t.reward, "steps": t.steps, "terminated": t.terminated, "truncated": t.truncated,
        }  # fmt: skip
        self.extend({name: np.asarray(row[name])[None] for name in self.columns})

    def extend(self, rows: Mapping[str, npt.NDArray[Any]]) -> None:
        """Stores N transitions, oldest first, given by the columns in `sizes`: (N, size), or (N,) where size is 0.

        Raises ValueError, and stores nothing, when a size does not fit.
        """
        count = len(rows["e"])
        for name, size in self.sizes.items():
            shape = np.shape(rows[name])
            if shape != ((count, size) if size else (count,)):
                raise ValueError(f"a transition has {name} of shape {shape[1:]}, but the replay buffer needs ({size},)")
        kept = min(count, self.capacity)
        self.added += count
        index = np.arange(self.added - kept, self.added) % self.capacity
        for name, column in self.columns.items():
            column[index] = rows[name][count - kept :]

    def sample(self, batch: int, rng: np.random.Generator) -> Batch:
        """Samples `batch` transitions uniformly with replacement."""
        index = rng.integers(0, len(self), batch)
        return Batch(**{f.name: torch.from_numpy(self.columns[f.name][index]) for f in fields(Batch)})


def _column(rows: int, size: int) -> npt.NDArray[np.float32]:
    return np.zeros((rows, size) if size else rows, dtype=np.float32)
