"""Success rates with confidence intervals."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class SuccessRate:
    """A success rate: `successes` out of `episodes`."""

    successes: int
    episodes: int

    def __post_init__(self) -> None:
        if not 0 <= self.successes <= self.episodes:
            raise ValueError(f"successes must lie in 0..episodes, got {self.successes} of {self.episodes}")

    @property
    def rate(self) -> float:
        """The observed rate; nan before the first episode."""
        return self.successes / self.episodes if self.episodes else math.nan

    def interval(self, z: float = 1.959964) -> tuple[float, float]:
        """Returns Wilson's score interval, 95 % by default (Wilson 1927). It holds the rate, whatever is rounded."""
        n = self.episodes
        if n == 0:
            return 0.0, 1.0
        p = self.rate
        center = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, min(p, center - half)), min(1.0, max(p, center + half))

    def __str__(self) -> str:
        low, high = self.interval()
        return f"{100 * self.rate:.1f} % ({self.successes}/{self.episodes}, 95 % {100 * low:.1f} to {100 * high:.1f})"
