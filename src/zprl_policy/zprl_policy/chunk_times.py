"""Measures how long the last chunks took to compute, and how old their observations were at the first command."""

from collections import deque

import numpy as np

KEPT = 100  # chunks


class ChunkTimes:
    """The times of the newest chunks [ms]. NaN before the first one."""

    def __init__(self) -> None:
        self._inference_ms: deque[float] = deque([np.nan], KEPT)
        self._age_ms: deque[float] = deque([np.nan], KEPT)

    def add(self, inference_s: float, age_s: float = np.nan) -> None:
        """Adds a chunk. `age_s`: from the stamp of its oldest sample to the command; NaN where clocks stand still."""
        self._inference_ms.append(1e3 * inference_s)
        self._age_ms.append(1e3 * age_s)

    @property
    def inference_ms(self) -> float:
        """The last chunk's inference."""
        return self._inference_ms[-1]

    @property
    def age_ms(self) -> float:
        """The age of the last chunk's oldest sample."""
        return self._age_ms[-1]

    def health(self) -> dict[str, str]:
        """Returns the 99th percentiles, for /diagnostics."""
        known = {"inference p99 [ms]": self._inference_ms, "observation age p99 [ms]": self._age_ms}
        return {name: _p99(times) for name, times in known.items()}


def _p99(times: deque[float]) -> str:
    known = [x for x in times if not np.isnan(x)]
    return f"{np.percentile(known, 99):.2f}" if known else "-"
