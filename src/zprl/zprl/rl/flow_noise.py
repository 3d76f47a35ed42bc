"""Noise x_0 at which the flow of the base starts: sampled, zero or fixed."""

import torch
from torch import Tensor

from zprl.models.embedding import normal
from zprl.models.frozen_base import FrozenBase
from zprl.rl.config import FlowNoise, NoiseConfig


class NoiseSource:
    """Returns the noise of each chunk."""

    def __init__(self, base: FrozenBase, config: NoiseConfig):
        self._base, self._kind = base, config.kind
        self._fixed = normal((1, *base.chunk_shape), torch.Generator().manual_seed(config.seed))

    def draw(self, rng: torch.Generator) -> Tensor:
        """Returns x_0 (1, H, A). `rng` advances equally for every kind, so that latents do not depend on it."""
        sampled = normal((1, *self._base.chunk_shape), rng)
        match self._kind:
            case FlowNoise.SAMPLED:
                return sampled
            case FlowNoise.ZERO:
                return torch.zeros_like(sampled)
            case FlowNoise.FIXED:
                return self._fixed
