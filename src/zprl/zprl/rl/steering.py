"""Steering: adds the residual u to the latent, the action or the flow's noise."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor

from zprl.models.embedding import Embedding
from zprl.models.frozen_base import FrozenBase
from zprl.rl.config import Steer, SteeringConfig


class Steering(ABC):
    """Defines the point that u is added to, its scale, and the chunk for point + scale * u."""

    size: int  # U
    scale: float

    @abstractmethod
    def point(self, embedding: Embedding, z: Tensor, x_0: Tensor) -> Tensor:
        """Returns (B, U): the point that u is added to, given z (B, Z) and noise x_0 (B, H, A)."""

    @abstractmethod
    def chunk(self, residual_input: Tensor, z: Tensor, x_0: Tensor) -> Tensor:
        """Returns (B, T_a, A) in [-1, 1] for residual_input = point + scale * u, (B, U)."""

    def base_residual(self, x_0: Tensor) -> Tensor:
        """Returns (B, U) in [-1, 1]: the u with which the chunk is the base's own for the noise x_0 (B, H, A)."""
        return torch.zeros(len(x_0), self.size)


class LatentSteering(Steering):
    """Latent steering (ZPRL): z' = z + lambda u, a = Flow(x_0 | Dec(z'))."""

    def __init__(self, base: FrozenBase, config: SteeringConfig):
        self.base = base
        self.size = base.config.latent_dim
        self.scale = config.latent_scale or config.latent_ratio * base.latent_rms

    def point(self, embedding: Embedding, z: Tensor, x_0: Tensor) -> Tensor:
        return z

    def chunk(self, residual_input: Tensor, z: Tensor, x_0: Tensor) -> Tensor:
        return self.base.chunk(residual_input, x_0)[:, : self.base.config.n_action_steps]


class ActionSteering(Steering):
    """Action steering (Policy Decorator, ResFiT): a' = a + scale * u on the executed part of the chunk."""

    def __init__(self, base: FrozenBase, config: SteeringConfig):
        self.base = base
        self.shape = (base.config.n_action_steps, base.chunk_shape[1])
        self.size = self.shape[0] * self.shape[1]
        self.scale = config.action_scale

    def point(self, embedding: Embedding, z: Tensor, x_0: Tensor) -> Tensor:
        return self.base.chunk(z, x_0)[:, : self.shape[0]].flatten(1)

    def chunk(self, residual_input: Tensor, z: Tensor, x_0: Tensor) -> Tensor:
        return residual_input.unflatten(-1, self.shape).clamp(-1.0, 1.0)


class NoiseSteering(Steering):
    """Noise steering (DSRL): x_0 := range * u, with the frozen flow as part of the environment."""

    def __init__(self, base: FrozenBase, config: SteeringConfig):
        self.base = base
        self.size = base.chunk_shape[0] * base.chunk_shape[1]
        self.scale = config.noise_range

    def point(self, embedding: Embedding, z: Tensor, x_0: Tensor) -> Tensor:
        return torch.zeros(len(z), self.size)

    def chunk(self, residual_input: Tensor, z: Tensor, x_0: Tensor) -> Tensor:
        noise = residual_input.unflatten(-1, self.base.chunk_shape)
        return self.base.chunk(z, noise)[:, : self.base.config.n_action_steps]

    def base_residual(self, x_0: Tensor) -> Tensor:
        """Returns x_0 as u. Noise beyond `range` is clipped, as no u reaches it."""
        return (x_0.flatten(1) / self.scale).clamp(-1.0, 1.0)


def steering_text(steer: Steer, scale: float) -> str:
    """Returns what is steered and with which scale, for messages and for the metadata of weights."""
    return f"{steer.value}, scale {scale:.6g}"


def make_steering(base: FrozenBase, config: SteeringConfig) -> Steering:
    """Returns the steering for `config.steer`."""
    match config.steer:
        case Steer.LATENT:
            return LatentSteering(base, config)
        case Steer.ACTION:
            return ActionSteering(base, config)
        case Steer.NOISE:
            return NoiseSteering(base, config)
