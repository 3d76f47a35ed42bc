"""A frozen base that ONNX Runtime computes."""

import numpy as np
import onnxruntime
import torch
from torch import Tensor

from zprl.inference.config import InferenceConfig
from zprl.inference.export import CONDITION, EMBED, STEP, ExportedBase
from zprl.inference.graphs import embed_inputs
from zprl.inference.onnx_actor import OnnxActor, export_actor, weights_of
from zprl.inference.session import open_session
from zprl.models.actor import Actor, ActorShape
from zprl.models.config import BaseConfig
from zprl.models.embedding import Embedding
from zprl.models.observation_batch import ObservationBatch


class OnnxBase:
    """The same interface as a frozen `BasePolicy`, for batches of one observation."""

    def __init__(
        self,
        config: BaseConfig,
        embedding_dim: int,
        latent_rms: float,
        exported: ExportedBase,
        settings: InferenceConfig,
    ):
        self.config, self.embedding_dim, self.latent_rms = config, embedding_dim, latent_rms
        self._times = exported.times
        self._embed, self._condition, self._step = (
            open_session(exported.graphs[name], settings) for name in (EMBED, CONDITION, STEP)
        )
        self._settings = settings
        self._actors: dict[ActorShape, onnxruntime.InferenceSession] = {}

    @property
    def chunk_shape(self) -> tuple[int, int]:
        """The shape (H, A) of a chunk."""
        return self.config.horizon, self.config.action.size

    def embed(self, batch: ObservationBatch) -> Embedding:
        """Maps one observation to e, standardized, mu and logvar."""
        outputs = self._embed.run(None, embed_inputs(self.config, batch))
        return Embedding(*(torch.from_numpy(x) for x in outputs))

    def chunk(self, z: Tensor, x_0: Tensor) -> Tensor:
        """Returns a = Flow(x_0 | Dec(z)), (1, H, A) in [-1, 1]."""
        (condition,) = self._condition.run(None, {"z": z.numpy()})
        x, dt = x_0.numpy(), np.float32(1.0 / len(self._times))
        for time in self._times:
            (velocity,) = self._step.run(None, {"x": x, "condition": condition, "time": time[None]})
            x = x + dt * velocity
        return torch.from_numpy(x).clamp(-1.0, 1.0)

    def prepared(self, actor: Actor) -> OnnxActor:
        """Returns an actor for ONNX Runtime; actors of the same sizes share a session."""
        found = self._actors.get(actor.shape)
        if found is None:
            found = self._actors[actor.shape] = open_session(export_actor(actor.shape), self._settings)
        return OnnxActor(found, weights_of(actor))
