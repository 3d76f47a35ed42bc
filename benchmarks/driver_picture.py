"""Draws success over control steps through the Franka driver, beside the same task in simulation.

    python benchmarks/driver_picture.py --driver runs/driver --simulation runs/late --out docs/images/driver.png

A driver's run was made by benchmarks/through_driver.py, a simulation by zprl finetune --latency real.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import tyro

from through_driver import RESULT
from zprl.training.statistics import SuccessRate
from zprl_cli.report.plots import BASE, FINETUNED, table, windowed

SHADES = (FINETUNED, "#009e73", "#cc79a7")
SIMULATION = "#999999"


@dataclass(frozen=True)
class Options:
    """Draw runs side by side."""

    driver: tuple[Path, ...]
    """Run folders of runs through the driver, each with -finetuned and -base beside it"""
    simulation: tuple[Path, ...] = ()
    """Run folders of runs in simulation"""
    out: Path = Path("docs/images/driver.png")
    """Path of the picture"""


def curve(axis: plt.Axes, folder: Path, color: str, label: str) -> int:
    """Draw a run's training episodes. Returns its control steps."""
    steps, rates, _, _ = windowed(table(folder / "metrics" / "episodes.csv"))
    axis.plot(steps, rates, color=color, linewidth=1.3, label=label)
    return steps[-1] if steps else 0


def held_out(axis: plt.Axes, folder: Path, x: float, color: str) -> None:
    """Draw a held-out evaluation with its interval, if there is one."""
    path = folder / RESULT
    if not path.exists():
        return
    result = json.loads(path.read_text())
    success = SuccessRate(result["successes"], result["episodes"])
    low, high = success.interval()
    error = [[success.rate - low], [high - success.rate]]
    axis.errorbar([x], [success.rate], error, fmt="o", color=color, capsize=3, markersize=4)


def main() -> None:
    options = tyro.cli(Options)
    figure, axis = plt.subplots(figsize=(8.2, 3.8), layout="constrained")
    for folder in options.simulation:
        curve(axis, folder, SIMULATION, f"in simulation ({folder.name})")
    for folder, shade in zip(options.driver, SHADES, strict=False):
        end = curve(axis, folder, shade, f"through the driver ({folder.name})")
        held_out(axis, folder.with_name(f"{folder.name}-base"), 0, BASE)
        held_out(axis, folder.with_name(f"{folder.name}-finetuned"), end, shade)
    axis.set_ylim(0, 1.03)
    axis.set_xlabel("control steps")
    axis.set_ylabel("success: last 50 training episodes;\ndots: held-out episodes, 95 %", fontsize=8)
    axis.grid(alpha=0.25)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, loc="lower right", fontsize=8)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out, dpi=110)


if __name__ == "__main__":
    main()
