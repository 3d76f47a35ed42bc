"""The interface of a frozen base at run time, whichever library computes it."""

from typing import Protocol

from torch import Tensor

from zprl.models.actor import Actor
from zprl.models.config import BaseConfig
from zprl.models.embedding import Embedding
from zprl.models.observation_batch import ObservationBatch
from zprl.models.residual_actor import ResidualActor


class FrozenBase(Protocol):
    """Maps observations and latents to action chunks. Shapes as in `BasePolicy`, which is one of them."""

    @property
    def config(self) -> BaseConfig: ...

    @property
    def chunk_shape(self) -> tuple[int, int]: ...

    @property
    def embedding_dim(self) -> int: ...

    @property
    def latent_rms(self) -> float:
        """RMS of z over the demonstrations: the unit of lambda."""

    def embed(self, batch: ObservationBatch) -> Embedding: ...

    def prepared(self, actor: Actor) -> ResidualActor:
        """Returns the actor as this library computes it."""

    def chunk(self, z: Tensor, x_0: Tensor) -> Tensor: ...
