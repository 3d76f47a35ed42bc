"""Compares finetuning in one process with finetuning through the ROS graph: speed and success.

    python benchmarks/parity.py --seeds 0 1 --env-steps 30000

Creates the runs parity-<seed>-ros and parity-<seed>-process; finished runs are only read.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import torch
import tyro

from zprl.checkpoints.run_folder import RunFolder
from zprl.training.statistics import SuccessRate
from zprl_bringup.graph.run_options import RunOptions
from zprl_cli.job import Job
from zprl_cli.progress_bar import ProgressBar
from zprl_cli.report.plots import table as rows_of
from zprl_cli.report.result import Report


@dataclass(frozen=True)
class Options:
    """Compare the in-process loop with the ROS graph in lockstep."""

    task: str = "lift"
    """Task of every run"""
    seeds: tuple[int, ...] = (0,)
    """Seeds, each run both ways"""
    env_steps: int = 30_000
    """Control steps of each run"""
    runs: Path = Path("runs")
    """Folder that holds the run folders"""


def play(settings: RunOptions, folder: RunFolder) -> Report:
    """Run the whole job, or the rest of it."""
    with ProgressBar() as bar:
        return Job(settings, folder, bar).run()


def last_hundred(folder: RunFolder) -> SuccessRate:
    """Return the success rate of the last 100 training episodes."""
    won = [row["outcome"] == "SUCCESS" for row in rows_of(folder.metrics / "episodes.csv")][-100:]
    return SuccessRate(sum(won), len(won))


def main() -> None:
    options = tyro.cli(Options)
    torch.set_num_threads(1)
    print("| seed | how | env steps/s | last 100 training episodes | 200 held-out episodes |")
    print("|---|---|---|---|---|")
    for seed in options.seeds:
        settings = RunOptions(task=options.task, seed=seed, env_steps=options.env_steps)
        speeds = []
        for how in ("process", "ros"):
            folder = RunFolder(options.runs / f"parity-{seed}-{how}")
            report = play(replace(settings, in_process=how == "process"), folder)
            speeds.append(report.env_steps / report.wall_s["finetune"])
            print(f"| {seed} | {how} | {speeds[-1]:.0f} | {last_hundred(folder)} | {report.finetuned.success} |")
        print(f"| {seed} | ros / process | {speeds[1] / speeds[0]:.2f} | | |", flush=True)


if __name__ == "__main__":
    main()
