"""The base policy: encoders, bottleneck and flow. Trained offline, frozen online."""

import torch
from torch import Tensor, nn

from zprl.models.actor import Actor
from zprl.models.bottleneck import Bottleneck
from zprl.models.config import BaseConfig
from zprl.models.embedding import Embedding, normal
from zprl.models.encoder import StateEncoder
from zprl.models.flow import VelocityField, euler
from zprl.models.observation_batch import ObservationBatch
from zprl.models.unet import Unet
from zprl.models.vision import VisionEncoder


class BasePolicy(nn.Module):
    """Maps an observation and a latent to an action chunk."""

    z_rms: Tensor

    def __init__(self, config: BaseConfig):
        super().__init__()
        self.config = config
        self.encoder = StateEncoder(config.observation)
        self.vision = None if config.vision is None else VisionEncoder(config.observation.images, config.vision)
        self.bottleneck = Bottleneck(self.embedding_dim, config.latent_dim, config.hidden)
        horizon, action = config.horizon, config.action.size
        self.velocity = (
            VelocityField(horizon, action, self.embedding_dim, config.hidden)
            if config.unet is None
            else Unet(horizon, action, self.embedding_dim, config.unet)
        )
        self.register_buffer("z_rms", torch.ones(()))  # RMS of z over the demonstrations: the unit of lambda

    @property
    def chunk_shape(self) -> tuple[int, int]:
        """The shape (H, A) of a chunk."""
        return self.velocity.shape

    @property
    def latent_rms(self) -> float:
        """RMS of z over the demonstrations: the unit of lambda."""
        return float(self.z_rms)

    @property
    def embedding_dim(self) -> int:
        """E: the size of e."""
        return self.encoder.size + (0 if self.vision is None else self.vision.size)

    def encode(self, batch: ObservationBatch) -> Tensor:
        """Maps observations to the embedding (B, E) that the flow was trained on."""
        e: Tensor = self.encoder(batch.state)
        return e if self.vision is None else torch.cat([e, self.vision(batch.images, batch.corners)], dim=-1)

    def embed(self, batch: ObservationBatch) -> Embedding:
        """Maps observations to e, standardized for the learner, mu and logvar."""
        e = self.encode(batch)
        return Embedding(self._standardized(e), *self.bottleneck.encode(e))

    def _standardized(self, e: Tensor) -> Tensor:
        if self.vision is None:
            return e  # the state encoder standardizes
        state, features = e.split([self.encoder.size, self.vision.size], dim=-1)
        return torch.cat([state, self.vision.standardized(features)], dim=-1)

    def noise(self, batch: int, rng: torch.Generator) -> Tensor:
        """Samples x_0 ~ N(0, I), (B, H, A)."""
        return normal((batch, *self.chunk_shape), rng)

    def prepared(self, actor: Actor) -> Actor:
        """Returns the actor itself."""
        return actor

    def chunk(self, z: Tensor, x_0: Tensor) -> Tensor:
        """Returns a = Flow(x_0 | Dec(z)), (B, H, A) in [-1, 1]."""
        return euler(self.velocity, x_0, self.bottleneck.decode(z), self.config.euler_steps).clamp(-1.0, 1.0)


def freeze(module: nn.Module) -> nn.Module:
    """Switches a module to evaluation mode and disables its gradients."""
    return module.eval().requires_grad_(False)
