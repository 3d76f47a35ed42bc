"""An ensemble of critics Q_j([e, z'], j = 1..M), evaluated as one batched network."""

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class EnsembleLinear(nn.Module):
    """M independent linear layers: (M, B, inputs) -> (M, B, outputs)."""

    def __init__(self, members: int, inputs: int, outputs: int):
        super().__init__()
        bound = inputs**-0.5
        self.weight = nn.Parameter(torch.empty(members, inputs, outputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(members, 1, outputs).uniform_(-bound, bound))

    def forward(self, x: Tensor, members: Tensor | None = None) -> Tensor:
        return torch.baddbmm(_of(self.bias, members), x, _of(self.weight, members))


class EnsembleNorm(nn.Module):
    """LayerNorm with separate gain and offset for each member."""

    def __init__(self, members: int, size: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(members, 1, size))
        self.bias = nn.Parameter(torch.zeros(members, 1, size))

    def forward(self, x: Tensor, members: Tensor | None = None) -> Tensor:
        return F.layer_norm(x, x.shape[-1:]) * _of(self.weight, members) + _of(self.bias, members)


class Critics(nn.Module):
    """M critics with 3 hidden GELU layers each.

    If `bounded`, Q = 0.5 (tanh + 1) in [0, 1], for a 0/1 terminal reward, without LayerNorm; otherwise LayerNorm and an
    unbounded head (method.md).
    """

    def __init__(self, embedding_dim: int, residual_dim: int, members: int, hidden: int = 256, bounded: bool = False):
        super().__init__()
        self.members, self.bounded = members, bounded
        sizes = [embedding_dim + residual_dim] + [hidden] * 3
        blocks: list[nn.Module] = []
        for a, b in itertools.pairwise(sizes):
            blocks += [EnsembleLinear(members, a, b)]
            blocks += [nn.GELU()] if bounded else [EnsembleNorm(members, b), nn.GELU()]
        self.net = nn.Sequential(*blocks, EnsembleLinear(members, hidden, 1))

    def forward(self, e: Tensor, residual_input: Tensor, members: Tensor | None = None) -> Tensor:
        """Maps e (B, E) and the SUMMED latent z + lambda u (B, U) to Q (M, B). `members`: those computed; None: all."""
        count = self.members if members is None else len(members)
        x = torch.cat([e, residual_input], dim=-1).expand(count, -1, -1)
        for layer in self.net:
            x = layer(x) if isinstance(layer, nn.GELU) else layer(x, members)
        q: Tensor = x.squeeze(-1)
        return 0.5 * (q.tanh() + 1.0) if self.bounded else q


def _of(parameter: Tensor, members: Tensor | None) -> Tensor:
    return parameter if members is None else parameter[members]
