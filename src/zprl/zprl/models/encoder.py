"""E: from an observation to the embedding e that conditions the flow."""

import torch
from torch import Tensor, nn

from zprl_core.observation import ARM_STATE_SIZE, OBJECT_STATE_SIZE


class StateEncoder(nn.Module):
    """Embedding of a low-dimensional state: the standardised state, and each object relative to the tool.

    Nothing is learned: an embedding trained for imitation alone hides from the critic what it needs, and
    the flow's own network is deep enough to use the plain numbers.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, objects: int):
        super().__init__()
        self.objects = objects
        self.size = ARM_STATE_SIZE + OBJECT_STATE_SIZE * objects + 3 * objects
        self.register_buffer("mean", torch.zeros(self.size))
        self.register_buffer("std", torch.ones(self.size))

    def features(self, state: Tensor) -> Tensor:
        """(B, S) -> (B, E): the state, then object position minus tool position for each object [m]."""
        tool = state[:, :3]
        starts = [ARM_STATE_SIZE + OBJECT_STATE_SIZE * i for i in range(self.objects)]
        return torch.cat([state] + [state[:, s : s + 3] - tool for s in starts], dim=-1)

    def fit(self, states: Tensor, floor: float = 1e-2) -> None:
        """Take mean and deviation from states (N, S). Numbers that hardly vary are not blown up."""
        x = self.features(states)
        self.mean.copy_(x.mean(0))
        self.std.copy_(x.std(0).clamp_min(floor))

    def forward(self, state: Tensor) -> Tensor:
        """(B, S) -> e (B, E), clipped to 5 deviations so that a strange sample stays tame."""
        return ((self.features(state) - self.mean) / self.std).clamp(-5.0, 5.0)
