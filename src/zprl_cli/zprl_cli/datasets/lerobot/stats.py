"""Statistics of the features of a LeRobot data set, which its training normalizes with."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
QUANTILES = {"q01": 0.01, "q10": 0.1, "q50": 0.5, "q90": 0.9, "q99": 0.99}
MOST_FRAMES = 100  # of an episode that are looked at
LEVELS = np.arange(256) / 255.0  # of a pixel


@dataclass(frozen=True)
class FeatureStats:
    """Statistics of one feature, by their names in stats.json."""

    values: dict[str, list[object]]  # min, max, mean, std, count, and the quantiles


def number_stats(rows: npt.NDArray[np.generic]) -> FeatureStats:
    """Returns the statistics of each of n numbers in (T, n)."""
    x = np.asarray(rows, np.float64)
    found = {"min": x.min(0), "max": x.max(0), "mean": x.mean(0), "std": x.std(0)}
    found |= {name: np.quantile(x, share, axis=0) for name, share in QUANTILES.items()}
    return FeatureStats({**{name: value.tolist() for name, value in found.items()}, "count": [len(x)]})


@dataclass
class PixelCounts:
    """Counts the levels of the pixels of a camera, from which every statistic follows."""

    levels: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros((3, 256), np.int64))
    frames: int = 0

    def add(self, images: Sequence[npt.NDArray[np.uint8]]) -> None:
        """Counts images (h, w, 3), evenly spaced ones if there are many."""
        chosen = images[:: -(-len(images) // MOST_FRAMES)]
        self.frames += len(chosen)
        for image in chosen:
            for channel in range(3):
                self.levels[channel] += np.bincount(image[:, :, channel].ravel(), minlength=256)

    def plus(self, other: "PixelCounts") -> "PixelCounts":
        """Returns the counts of both."""
        return PixelCounts(self.levels + other.levels, self.frames + other.frames)

    def stats(self) -> FeatureStats:
        """Returns the statistics of each channel of pixels in 0..1, of shape (3, 1, 1)."""
        share = self.levels / self.levels.sum(1, keepdims=True)
        mean = share @ LEVELS
        spread = np.sqrt(np.maximum(0.0, share @ LEVELS**2 - mean**2))
        below = np.cumsum(share, axis=1)

        def level(least: float) -> Numbers:
            return np.array([LEVELS[np.searchsorted(channel, least - 1e-12)] for channel in below])

        seen = [np.flatnonzero(channel) for channel in self.levels]
        found = {
            "min": np.array([LEVELS[levels[0]] for levels in seen]),
            "max": np.array([LEVELS[levels[-1]] for levels in seen]),
            "mean": mean,
            "std": spread,
            **{name: level(least) for name, least in QUANTILES.items()},
        }
        return FeatureStats(
            {**{name: value.reshape(3, 1, 1).tolist() for name, value in found.items()}, "count": [self.frames]}
        )
