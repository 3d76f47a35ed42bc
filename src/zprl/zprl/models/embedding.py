"""The embedding of observations, and samples of its latent."""

from dataclasses import dataclass

import torch
from torch import Tensor

from zprl.models.bottleneck import sample_latent


@dataclass(frozen=True)
class Embedding:
    """The base policy's embedding of a batch of observations, and the posterior of its latent."""

    e: Tensor  # (B, E), standardized
    mu: Tensor  # (B, Z)
    logvar: Tensor  # (B, Z)

    def sample(self, rng: torch.Generator) -> Tensor:
        """Samples z ~ N(mu, var), (B, Z)."""
        return sample_latent(self.mu, self.logvar, normal(tuple(self.mu.shape), rng).to(self.mu.device))


def normal(shape: tuple[int, ...], rng: torch.Generator) -> Tensor:
    """Samples N(0, I), on the CPU."""
    return torch.randn(shape, generator=rng)
