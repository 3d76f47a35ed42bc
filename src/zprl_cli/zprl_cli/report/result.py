"""Records of the result of a run."""

from dataclasses import dataclass
from typing import Any

from zprl.training.statistics import SuccessRate


@dataclass(frozen=True)
class Result:
    """A held-out evaluation."""

    successes: int
    episodes: int
    interval: tuple[float, float]  # Wilson, 95 %
    first_seed: int
    mean_steps: float
    third_difference_mm: float
    boundary_jump_mm: float

    @property
    def success(self) -> SuccessRate:
        return SuccessRate(self.successes, self.episodes)


@dataclass(frozen=True)
class Report:
    """The settings, cost and success rates of one run."""

    task: str
    seed: int
    preset: str
    steer: str
    through_ros: bool
    base: Result
    finetuned: Result
    env_steps: int
    chunks: int
    updates: int
    wall_s: dict[str, float]
    settings: dict[str, Any]
    versions: dict[str, str]
    base_fingerprint: str = ""  # of the base that was evaluated; "": evaluated by an earlier version

    @property
    def clear(self) -> bool:
        """True if the two intervals do not overlap."""
        return self.base.interval[1] < self.finetuned.interval[0] or self.finetuned.interval[1] < self.base.interval[0]

    def summary(self) -> str:
        """Format two lines for a terminal."""
        return (
            f"base       {self.base.success}\nfinetuned  {self.finetuned.success} after {self.env_steps} control steps"
        )
