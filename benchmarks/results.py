"""Prints a table of finished runs, for the README and docs/results.md.

python benchmarks/results.py runs/lift-seed0 runs/lift-seed1
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from zprl.checkpoints.run_folder import RunFolder
from zprl_cli.report.report import read_report
from zprl_cli.report.result import Result

HEAD = "| task | seed | through | base | finetuned | control steps | minutes | third difference [mm] |"


@dataclass(frozen=True)
class Options:
    """Print one row for each run."""

    runs: Annotated[tuple[Path, ...], tyro.conf.Positional]
    """Run folders"""


def words(result: Result) -> str:
    """Format a result: 91.0 % (85.9 to 94.3)."""
    low, high = result.interval
    return f"{100 * result.success.rate:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def main() -> None:
    print(HEAD)
    print("|" + "---|" * (HEAD.count("|") - 1))
    for path in tyro.cli(Options).runs:
        r = read_report(RunFolder(path))
        how = "ROS 2" if r.through_ros else "one process"
        minutes = sum(r.wall_s.values()) / 60
        smooth = f"{r.base.third_difference_mm:.1f}, then {r.finetuned.third_difference_mm:.1f}"
        cells = (r.task, r.seed, how, words(r.base), words(r.finetuned), r.env_steps, f"{minutes:.0f}", smooth)
        print(f"| {' | '.join(map(str, cells))} |")


if __name__ == "__main__":
    main()
