"""The encoder E, which maps an observation's state to the embedding e that conditions the flow."""

import torch
from torch import Tensor, nn

from zprl_core.observation_spec import ObservationSpec


class StateEncoder(nn.Module):
    """Embeds a low-dimensional state: the standardized state, and each object relative to the tools.

    Nothing is learned: an embedding trained only for imitation may discard what the critic needs, and the flow's own
    network is deep enough to use the plain values.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, spec: ObservationSpec):
        super().__init__()
        self.pairs = [
            (spec.offset(stream.name), spec.offset(origin)) for stream in spec.streams for origin in stream.relative_to
        ]
        self.size = spec.state_size + 3 * len(self.pairs)
        self.register_buffer("mean", torch.zeros(self.size))
        self.register_buffer("std", torch.ones(self.size))

    def features(self, state: Tensor) -> Tensor:
        """Maps (B, S) to (B, E): the state, then each relative position [m]."""
        relative = [state[:, at : at + 3] - state[:, origin : origin + 3] for at, origin in self.pairs]
        return torch.cat([state, *relative], dim=-1)

    def fit(self, states: Tensor, floor: float = 1e-2) -> None:
        """Sets mean and standard deviation from states (N, S). `floor` is the smallest standard deviation."""
        x = self.features(states)
        self.mean.copy_(x.mean(0))
        self.std.copy_(x.std(0).clamp_min(floor))

    def forward(self, state: Tensor) -> Tensor:
        """Maps (B, S) to e (B, E), clipped to 5 standard deviations to limit the effect of outliers."""
        return ((self.features(state) - self.mean) / self.std).clamp(-5.0, 5.0)
