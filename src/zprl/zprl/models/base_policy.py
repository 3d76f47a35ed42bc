"""The base policy: encoder, bottleneck and flow. Trained offline, frozen online."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from zprl.models.bottleneck import Bottleneck, sample_latent
from zprl.models.config import BaseConfig
from zprl.models.encoder import StateEncoder
from zprl.models.flow import VelocityField, euler


@dataclass(frozen=True)
class Embedding:
    """The base policy's embedding of a batch of observations, and the posterior of its latent."""

    e: Tensor  # (B, E)
    mu: Tensor  # (B, Z)
    logvar: Tensor  # (B, Z)


class BasePolicy(nn.Module):
    """Maps an observation and a latent to an action chunk."""

    z_rms: Tensor

    def __init__(self, config: BaseConfig):
        super().__init__()
        self.config = config
        self.encoder = StateEncoder(config.observation)
        self.bottleneck = Bottleneck(self.encoder.size, config.latent_dim, config.hidden)
        self.velocity = VelocityField(config.horizon, config.action.size, self.encoder.size, config.hidden)
        self.register_buffer("z_rms", torch.ones(()))  # RMS of z over the demonstrations: the unit of lambda

    @property
    def chunk_shape(self) -> tuple[int, int]:
        """The shape (H, A) of a chunk."""
        return self.velocity.shape

    def embed(self, state: Tensor) -> Embedding:
        """Maps states (B, S) to e, mu, logvar."""
        e = self.encoder(state)
        return Embedding(e, *self.bottleneck.encode(e))

    def sample(self, embedding: Embedding, rng: torch.Generator) -> Tensor:
        """Samples z ~ N(mu, var), (B, Z)."""
        return sample_latent(embedding.mu, embedding.logvar, _normal(embedding.mu.shape, rng))

    def noise(self, batch: int, rng: torch.Generator) -> Tensor:
        """Samples x_0 ~ N(0, I), (B, H, A)."""
        return _normal((batch, *self.chunk_shape), rng)

    def chunk(self, z: Tensor, x_0: Tensor) -> Tensor:
        """Returns a = Flow(x_0 | Dec(z)), (B, H, A) in [-1, 1]."""
        return euler(self.velocity, x_0, self.bottleneck.decode(z), self.config.euler_steps).clamp(-1.0, 1.0)


def freeze(module: nn.Module) -> nn.Module:
    """Switches a module to evaluation mode and disables its gradients."""
    return module.eval().requires_grad_(False)


def _normal(shape: torch.Size | tuple[int, ...], rng: torch.Generator) -> Tensor:
    return torch.randn(tuple(shape), generator=rng)
