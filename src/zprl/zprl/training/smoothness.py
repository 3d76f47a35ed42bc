"""Measures the smoothness of commanded motion: the third difference and the jump between chunks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zprl.training.rollout import Episode

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Smoothness:
    """Smoothness in millimeters of commanded tool position (milliradians for joints); smaller is smoother."""

    third_difference_mm: float  # mean norm of the third difference, per control step
    boundary_jump_mm: float  # mean change of the commanded step where a new chunk begins


def third_difference(positions: Array) -> Array:
    """Returns (n - 3,): norms of p[k+3] - 3 p[k+2] + 3 p[k+1] - p[k], for positions (n, D)."""
    norms: Array = np.linalg.norm(np.diff(positions, n=3, axis=0), axis=-1)
    return norms


def boundary_jumps(positions: Array, boundaries: npt.NDArray[np.int64]) -> Array:
    """Returns the norm of the second difference of positions (n, D) at each inner chunk boundary."""
    second = np.linalg.norm(np.diff(positions, n=2, axis=0), axis=-1)
    inner = boundaries[(boundaries >= 2) & (boundaries < len(positions))]
    jumps: Array = second[inner - 2]
    return jumps


def smoothness(episodes: Sequence[Episode]) -> Smoothness:
    """Returns the smoothness over all steps of all episodes; nan if no episode is long enough."""
    third = np.concatenate([third_difference(e.commands) for e in episodes])
    jumps = np.concatenate([boundary_jumps(e.commands, e.boundaries) for e in episodes])
    return Smoothness(_mean_mm(third), _mean_mm(jumps))


def _mean_mm(meters: Array) -> float:
    return float(1000 * meters.mean()) if len(meters) else float("nan")
