"""The results of interim evaluations, a table in the run's metrics."""

import csv
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from zprl.training.statistics import SuccessRate
from zprl_core.seeds import held_out_reset

TABLE = "held_out.csv"
FIRST_RESET = held_out_reset(99, 0)  # not those of the final evaluation, so that no settings are tuned to them


@dataclass(frozen=True)
class InterimResult:
    """Held-out episodes of the policy that had learned for `env_steps` control steps, without exploration."""

    env_steps: int
    successes: int
    episodes: int
    first_seed: int = FIRST_RESET
    seconds: float = 0.0  # wall time of the evaluation, without the start of its process

    def __post_init__(self) -> None:
        if self.env_steps < 0 or not 0 <= self.successes <= self.episodes or self.episodes < 1:
            raise ValueError(f"not a result: {self.successes} of {self.episodes} after {self.env_steps} control steps")

    @property
    def success(self) -> SuccessRate:
        return SuccessRate(self.successes, self.episodes)

    def __str__(self) -> str:
        return f"held-out {self.successes}/{self.episodes} at {self.env_steps / 1000:.0f}k"


def append_result(metrics: Path, result: InterimResult) -> None:
    """Append a result to the table. Raises OSError."""
    metrics.mkdir(parents=True, exist_ok=True)
    path = metrics / TABLE
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(InterimResult)])
        if new:
            writer.writeheader()
        writer.writerow(asdict(result))


def read_results(metrics: Path) -> list[InterimResult]:
    """Read the results of a run in their order, without rows that are damaged; empty without any."""
    path = metrics / TABLE
    if not path.is_file():
        return []
    with path.open(newline="", errors="replace") as file:
        found = (_result(row) for row in csv.DictReader(file))
        return [result for result in found if result is not None]


def _result(row: dict[str, str]) -> InterimResult | None:
    try:
        counts = {name: int(row[name]) for name in ("env_steps", "successes", "episodes", "first_seed")}
        return InterimResult(**counts, seconds=float(row["seconds"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
