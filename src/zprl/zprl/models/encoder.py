"""E: from an observation's state to the embedding e that conditions the flow."""

import torch
from torch import Tensor, nn

from zprl_core.observation_spec import ObservationSpec


class StateEncoder(nn.Module):
    """Embedding of a low-dimensional state: the standardised state, and each object relative to the tools.

    Nothing is learned: an embedding trained for imitation alone hides from the critic what it needs, and
    the flow's own network is deep enough to use the plain numbers.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, spec: ObservationSpec):
        """Raises ValueError when the spec has images, which this encoder does not read."""
        super().__init__()
        if spec.images:
            names = ", ".join(stream.name for stream in spec.images)
            raise ValueError(
                f"the observation has images ({names}), and a base with an image encoder cannot be trained yet: the "
                "state encoder reads numbers only; leave the images out of the observation"
            )
        self.pairs = [
            (spec.offset(stream.name), spec.offset(origin)) for stream in spec.streams for origin in stream.relative_to
        ]
        self.size = spec.state_size + 3 * len(self.pairs)
        self.register_buffer("mean", torch.zeros(self.size))
        self.register_buffer("std", torch.ones(self.size))

    def features(self, state: Tensor) -> Tensor:
        """(B, S) -> (B, E): the state, then each relative position [m]."""
        relative = [state[:, at : at + 3] - state[:, origin : origin + 3] for at, origin in self.pairs]
        return torch.cat([state, *relative], dim=-1)

    def fit(self, states: Tensor, floor: float = 1e-2) -> None:
        """Take mean and deviation from states (N, S). Numbers that hardly vary are not blown up."""
        x = self.features(states)
        self.mean.copy_(x.mean(0))
        self.std.copy_(x.std(0).clamp_min(floor))

    def forward(self, state: Tensor) -> Tensor:
        """(B, S) -> e (B, E), clipped to 5 deviations so that a strange sample stays tame."""
        return ((self.features(state) - self.mean) / self.std).clamp(-5.0, 5.0)
