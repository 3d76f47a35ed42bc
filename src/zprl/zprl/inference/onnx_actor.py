"""An actor that ONNX Runtime computes. Its weights are inputs of the graph, so that new ones need no new session."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zprl.inference.export import to_onnx
from zprl.models.actor import LOG_STD_MAX, LOG_STD_MIN, Actor, ActorShape, squash

Weights = dict[str, npt.NDArray[np.float32]]


class ActorGraph(nn.Module):
    """Maps e (1, E), z (1, U), then weight and bias of each layer, to mean and log_std (1, U) before the tanh."""

    def forward(self, e: Tensor, z: Tensor, *weights: Tensor) -> tuple[Tensor, Tensor]:
        x = torch.cat([e, z], dim=-1)
        layers = list(zip(weights[::2], weights[1::2], strict=True))
        for weight, bias in layers[:-1]:
            x = F.gelu(F.linear(x, weight, bias))
        mean, log_std = F.linear(x, *layers[-1]).chunk(2, dim=-1)
        return mean, log_std.clamp(LOG_STD_MIN, LOG_STD_MAX)


def weights_of(actor: Actor) -> Weights:
    """The actor's weights by the names of the graph's inputs."""
    return {name: x.detach().contiguous().numpy() for name, x in actor.state_dict().items()}


def export_actor(shape: ActorShape) -> bytes:
    """Exports actors of these sizes."""
    actor = Actor(shape)
    weights = tuple(actor.state_dict().values())
    inputs = torch.zeros(1, shape.embedding_dim), torch.zeros(1, shape.residual_dim), *weights
    return to_onnx(ActorGraph(), inputs, ["e", "z", *actor.state_dict()], ["mean", "log_std"])


@dataclass(frozen=True)
class OnnxActor:
    """An actor with the interface of `Actor`, for one state."""

    session: onnxruntime.InferenceSession
    weights: Weights

    def mode(self, e: Tensor, z: Tensor) -> Tensor:
        """Returns u = tanh(m(s)), (1, U)."""
        return torch.tanh(self._run(e, z)[0])

    def sample(self, e: Tensor, z: Tensor, n: Tensor) -> tuple[Tensor, Tensor]:
        """Returns u = tanh(m + sd n) for standard normal n (1, U), and log pi(u|s) (1,)."""
        return squash(*self._run(e, z), n)

    def _run(self, e: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_std = self.session.run(None, {"e": e.numpy(), "z": z.numpy(), **self.weights})
        return torch.from_numpy(mean), torch.from_numpy(log_std)
