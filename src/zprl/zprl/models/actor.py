"""The residual actor: u = tanh(N(m(s), sd(s))), s = [e, z]."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zprl.models.mlp import mlp

LOG_STD_MIN, LOG_STD_MAX = -8.0, 1.0


@dataclass(frozen=True)
class ActorShape:
    """The sizes that define an actor's weights: those of e, u and the hidden layers."""

    embedding_dim: int  # E
    residual_dim: int  # U, size of u and of the vector that u is added to
    hidden: int = 256


class Actor(nn.Module):
    """The actor network. Its small last layer (gain 0.01) makes it start close to the base policy.

    log_std starts near `log_std_0`.
    """

    def __init__(self, shape: ActorShape, log_std_0: float = -4.0):
        super().__init__()
        self.shape = shape
        self.net = mlp(shape.embedding_dim + shape.residual_dim, 2 * shape.residual_dim, shape.hidden)
        last = self.net[-1]
        assert isinstance(last, nn.Linear)
        nn.init.orthogonal_(last.weight, gain=0.01)
        with torch.no_grad():
            last.bias.zero_()
            last.bias[shape.residual_dim :] = log_std_0

    def forward(self, e: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        """Maps e (B, E), z (B, U) to mean and log standard deviation before the tanh, both (B, U)."""
        mean, log_std = self.net(torch.cat([e, z], dim=-1)).chunk(2, dim=-1)
        return mean, log_std.clamp(LOG_STD_MIN, LOG_STD_MAX)

    def mode(self, e: Tensor, z: Tensor) -> Tensor:
        """Returns u = tanh(m(s)), (B, U)."""
        return torch.tanh(self(e, z)[0])

    def sample(self, e: Tensor, z: Tensor, n: Tensor) -> tuple[Tensor, Tensor]:
        """Returns u = tanh(m + sd n) for standard normal n (B, U), and log pi(u|s) (B,)."""
        mean, log_std = self(e, z)
        return squash(mean, log_std, n)


def squash(mean: Tensor, log_std: Tensor, n: Tensor) -> tuple[Tensor, Tensor]:
    """Returns u = tanh(mean + exp(log_std) n) (B, U) and its log density (B,) (SAC, appendix C)."""
    x = mean + log_std.exp() * n
    normal = -0.5 * n.square() - log_std - 0.5 * math.log(2 * math.pi)
    jacobian = 2.0 * (math.log(2.0) - x - F.softplus(-2.0 * x))  # log(1 - tanh(x)^2), stable
    return torch.tanh(x), (normal - jacobian).sum(-1)
