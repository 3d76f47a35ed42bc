"""A batch of observations as tensors, the input of the base policy's encoders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from zprl_core.observation import Observation
from zprl_core.observation_spec import ObservationSpec


@dataclass(frozen=True)
class ObservationBatch:
    """B observations."""

    state: Tensor  # (B, S) float32
    images: Mapping[str, Tensor] = field(default_factory=dict)  # by stream name: (B, h, w, c) uint8
    corners: Tensor | None = None  # of the images' crops, (cameras, B, 2) [px]; None: crops at the centers

    def __len__(self) -> int:
        return len(self.state)

    def to(self, device: torch.device) -> "ObservationBatch":
        """Returns the observations on a device."""
        images = {name: x.to(device) for name, x in self.images.items()}
        return ObservationBatch(
            self.state.to(device), images, None if self.corners is None else self.corners.to(device)
        )


def batch_of(spec: ObservationSpec, observations: Sequence[Observation]) -> ObservationBatch:
    """Returns a batch of observations. Raises ValueError when a state is not finite, KeyError when a stream is missing.

    Images are read, hence rendered by a simulator, only here.
    """
    states = np.stack([spec.state(observation) for observation in observations])
    if not np.isfinite(states).all():
        stamps = ", ".join(str(o.stamp_ns) for o in observations)
        raise ValueError(f"observation at {stamps} ns is not finite: {states.tolist()}")
    images = {
        stream.name: torch.from_numpy(np.stack([np.asarray(o.samples[stream.name]) for o in observations]))
        for stream in spec.images
    }
    return ObservationBatch(torch.from_numpy(states), images)
