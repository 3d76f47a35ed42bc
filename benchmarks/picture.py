"""Draws the README's picture: the end of an episode before and after, and the success curves of several runs.

python benchmarks/picture.py --runs runs/lift-seed0 runs/lift-seed1 runs/lift-seed2 --out docs/images/finetune.png
"""

from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import tyro
from PIL import Image

from zprl.checkpoints.run_folder import RunFolder
from zprl_cli.report.plots import BASE, FINETUNED, table, windowed
from zprl_cli.report.report import read_report
from zprl_cli.report.result import Result

SHADES = (FINETUNED, "#009e73", "#cc79a7", "#56b4e9")


@dataclass(frozen=True)
class Options:
    """Draw runs side by side."""

    runs: tuple[Path, ...]
    """Run folders; the videos of the first one are shown"""
    out: Path = Path("docs/images/finetune.png")
    """Path of the picture"""


def last_frame(path: Path) -> np.ndarray:
    """Return the last frame of a video, (h, w, 3)."""
    with Image.open(path) as film:
        film.seek(film.n_frames - 1)  # type: ignore[attr-defined]
        return np.asarray(film.convert("RGB"))


def point(axis: plt.Axes, x: float, result: Result, color: str) -> None:
    """Draw a held-out evaluation with its interval."""
    rate, (low, high) = result.success.rate, result.success.interval()
    axis.errorbar([x], [rate], [[rate - low], [high - rate]], fmt="o", color=color, capsize=3, markersize=4)


def main() -> None:
    options = tyro.cli(Options)
    figure, axes = plt.subplot_mosaic(
        [["base", "curve"], ["finetuned", "curve"]], figsize=(10, 4.6), width_ratios=[1, 2.1], layout="constrained"
    )
    for name in ("base", "finetuned"):
        axes[name].imshow(last_frame(options.runs[0] / f"{name}.gif"))
        axes[name].set_axis_off()
    curve = axes["curve"]
    for path, shade in zip(options.runs, SHADES, strict=False):
        report = read_report(RunFolder(path))
        steps, rates, _, _ = windowed(table(path / "metrics" / "episodes.csv"))
        curve.plot(steps, rates, color=shade, linewidth=1.3, label=f"{report.task}, seed {report.seed}")
        point(curve, 0, report.base, BASE)
        point(curve, report.env_steps, report.finetuned, shade)
    curve.set_ylim(0, 1.03)
    curve.set_xlabel("control steps")
    curve.set_ylabel("success: last 50 training episodes; dots: 200 held-out episodes, 95 %", fontsize=8)
    curve.grid(alpha=0.25)
    curve.spines[["top", "right"]].set_visible(False)
    curve.legend(frameon=False, loc="lower right")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out, dpi=110)


if __name__ == "__main__":
    main()
