"""Plots the curves of a run with matplotlib."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, product
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from zprl.training.statistics import SuccessRate

WINDOW = 50
BASE, FINETUNED, INTERIM, INK = "#8a6d3b", "#0072b2", "#009e73", "#333333"  # distinguishable with color blindness
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#555555")  # Okabe and Ito
STYLES = ("-", "--", ":")
DIAGNOSTICS = (
    ("q_mean", "mean Q"),
    ("critic_loss", "critic loss"),
    ("rms_ratio", "RMS(λu) / RMS(z)"),
    ("temperature", "temperature α"),
)


@dataclass(frozen=True)
class Point:
    """A held-out evaluation, plotted at its number of control steps."""

    env_steps: int
    success: SuccessRate
    label: str
    color: str


@dataclass(frozen=True)
class Run:
    """One run of a comparison: its table of episodes, and held-out evaluations at their control steps."""

    label: str
    episodes: Sequence[dict[str, str]]
    points: tuple[tuple[int, SuccessRate], ...]


def table(path: Path) -> list[dict[str, str]]:
    """Read the rows of a CSV file; empty if it does not exist."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def success_curve(episodes: Sequence[dict[str, str]], points: Sequence[Point]) -> bytes:
    """Plot success of the last 50 training episodes with its Wilson band, and held-out evaluations, as PNG."""
    figure, axis = _axes((8.2, 3.6))
    steps, rates, lows, highs = windowed(episodes)
    if steps:
        axis.fill_between(steps, lows, highs, color=FINETUNED, alpha=0.15, linewidth=0)
        axis.plot(steps, rates, color=FINETUNED, linewidth=1.6, label=f"training (exploring), last {WINDOW}, 95 %")
    for point in points:
        _errorbar(axis, point.env_steps, point.success, point.color, point.label)
    _success_axes(axis)
    return _png(figure)


def comparison_curves(runs: Sequence[Run]) -> bytes:
    """Plot the training curves of several runs, and their held-out evaluations as points, as PNG."""
    figure, axis = _axes((8.2, 4.2))
    for run, (style, color) in zip(runs, cycle(product(STYLES, COLORS)), strict=False):
        steps, rates, lows, highs = windowed(run.episodes)
        axis.fill_between(steps, lows, highs, color=color, alpha=0.1, linewidth=0)
        axis.plot(steps, rates, style, color=color, linewidth=1.6, label=run.label)
        for at, success in run.points:
            _errorbar(axis, at, success, color, None)
    axis.set_title(f"training (exploring), last {WINDOW} episodes, and held-out evaluations; 95 %", fontsize=9)
    _success_axes(axis)
    axis.get_legend().remove()
    figure.legend(frameon=False, loc="outside lower center", ncols=2, fontsize=9)  # it would hide intervals inside
    return _png(figure)


def windowed(episodes: Sequence[dict[str, str]]) -> tuple[list[int], list[float], list[float], list[float]]:
    """Control steps, success rate and interval of the last 50 episodes, from the 20th episode on."""
    steps, rates, lows, highs = [], [], [], []
    won = [row["outcome"] == "SUCCESS" for row in episodes]
    for k in range(20, len(won) + 1):
        last = won[max(0, k - WINDOW) : k]
        rate = SuccessRate(sum(last), len(last))
        low, high = rate.interval()
        steps.append(int(episodes[k - 1]["env_steps"]))
        rates.append(rate.rate)
        lows.append(low)
        highs.append(high)
    return steps, rates, lows, highs


def diagnostics(rows: Sequence[dict[str, str]]) -> bytes:
    """Plot the learner's own metrics as PNG."""
    figure, axes = plt.subplots(1, len(DIAGNOSTICS), figsize=(11, 2.4), layout="constrained")
    steps = [int(row["env_steps"]) for row in rows]
    for axis, (name, title) in zip(axes, DIAGNOSTICS, strict=True):
        axis.plot(steps, [float(row[name]) for row in rows], color=FINETUNED, linewidth=1.2)
        axis.set_title(title, fontsize=10)
        _plain(axis)
        axis.ticklabel_format(style="sci", axis="x", scilimits=(0, 3))
    return _png(figure)


def _errorbar(axis: Any, env_steps: int, success: SuccessRate, color: str, label: str | None) -> None:
    (low, high), p = success.interval(), success.rate
    error = [[max(0.0, p - low)], [max(0.0, high - p)]]
    axis.errorbar([env_steps], [p], error, fmt="o", color=color, capsize=4, label=label)


def _success_axes(axis: Any) -> None:
    axis.set_ylim(0, 1.02)
    axis.set_xlabel("control steps")
    axis.set_ylabel("success rate")
    axis.legend(frameon=False, loc="lower right", fontsize=9)


def _axes(size: tuple[float, float]) -> tuple[Any, Any]:
    figure, axis = plt.subplots(figsize=size, layout="constrained")
    _plain(axis)
    return figure, axis


def _plain(axis: Any) -> None:
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    axis.grid(alpha=0.25, linewidth=0.6)
    axis.tick_params(labelsize=8, colors=INK)


def _png(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130)
    plt.close(figure)
    return buffer.getvalue()
