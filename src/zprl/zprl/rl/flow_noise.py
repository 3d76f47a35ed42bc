"""Noise x_0 at which the flow of the base starts: sampled, zero or fixed."""

import torch
from torch import Tensor

from zprl.models.base_policy import BasePolicy
from zprl.rl.config import FlowNoise, NoiseConfig


class NoiseSource:
    """Returns the noise of each chunk."""

    def __init__(self, base: BasePolicy, config: NoiseConfig):
        self._base, self._kind = base, config.kind
        self._fixed = base.noise(1, torch.Generator().manual_seed(config.seed))

    def draw(self, rng: torch.Generator) -> Tensor:
        """Returns x_0 (1, H, A). `rng` advances equally for every kind, so that latents do not depend on it."""
        sampled = self._base.noise(1, rng)
        match self._kind:
            case FlowNoise.SAMPLED:
                return sampled
            case FlowNoise.ZERO:
                return torch.zeros_like(sampled)
            case FlowNoise.FIXED:
                return self._fixed
