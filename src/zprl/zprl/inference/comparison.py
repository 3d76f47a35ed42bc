"""Compares an exported base with torch on observations."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from zprl.models.base_policy import BasePolicy
from zprl.models.embedding import normal
from zprl.models.frozen_base import FrozenBase
from zprl.models.observation_batch import ObservationBatch

TOLERANCE = 1e-4  # greatest absolute error of a float32 export


@dataclass(frozen=True)
class ExportErrors:
    """Greatest absolute error of each output, and the root mean square of the chunk's error."""

    e: float
    mu: float
    logvar: float
    chunk: float
    chunk_rms: float

    @property
    def within_tolerance(self) -> bool:
        """True if the outputs equal those of torch but for rounding."""
        return max(asdict(self).values()) <= TOLERANCE


@torch.no_grad()
def compare(
    base: BasePolicy, other: FrozenBase, observations: Sequence[ObservationBatch], seed: int = 0
) -> ExportErrors:
    """Returns the errors of `other` on batches of one observation, with the noise of `seed`."""
    rng = torch.Generator().manual_seed(seed)
    errors: dict[str, list[Tensor]] = {"e": [], "mu": [], "logvar": [], "chunk": []}
    for observation in observations:
        x_0 = normal((1, *base.chunk_shape), rng)
        expected, found = base.embed(observation), other.embed(observation)
        for name in ("e", "mu", "logvar"):
            errors[name].append(getattr(found, name) - getattr(expected, name))
        errors["chunk"].append(other.chunk(expected.mu, x_0) - base.chunk(expected.mu, x_0))
    stacked = {name: torch.cat(x) for name, x in errors.items()}
    greatest = {name: float(x.abs().max()) for name, x in stacked.items()}
    return ExportErrors(**greatest, chunk_rms=float(stacked["chunk"].square().mean().sqrt()))
