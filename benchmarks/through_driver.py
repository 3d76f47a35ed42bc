"""Finetunes through the Franka driver against the simulated FCI, in real time, then plays held-out episodes with both.

    python benchmarks/through_driver.py --base runs/late/base --name driver --minutes 40

The run folders are <name>, <name>-finetuned and <name>-base; an existing <name> is resumed. Run nothing else beside it.
"""

import json
import re
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import tyro

from zprl.training.statistics import SuccessRate
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.runner.run_graph import run_graph
from zprl_bringup.runner.run_status import RunStatus
from zprl_cli.up import Up

RESULT = "through_driver.json"  # in each of the run folders


@dataclass(frozen=True)
class Options:
    """Finetune, and evaluate."""

    base: Path
    """Checkpoint folder of a base that was pretrained with latency real"""
    name: str = "driver"
    """Name of the run"""
    task: str = "lift"
    """Task of the base"""
    station: Path = Path("simulated_franka")
    """Station file with the learning settings, or the name of an example"""
    seed: int = 0
    """Seed of resets, exploration and learning"""
    minutes: float = 40.0
    """Duration of finetuning"""
    episodes: int = 50
    """Held-out episodes for each policy, at most 50"""
    runs: Path = Path("runs")
    """Folder that holds the run folders"""


@dataclass(frozen=True)
class Played:
    """The result of one graph."""

    successes: int  # of the last `episodes` episodes, at most 50
    episodes: int
    env_steps: int
    updates: int
    minutes: float
    lost_ticks: int
    faults: int
    pace: str  # the simulated arm's own count of uneven control steps


def play(up: Up, minutes: float = float("inf")) -> Played:
    """Run a graph until its episodes or the time are over, printing a line now and then."""
    began = time.monotonic()
    shown = began

    def elapsed() -> float:
        return (time.monotonic() - began) / 60

    def show(now: RunStatus) -> None:
        nonlocal shown
        if time.monotonic() - shown > 10.0:
            shown = time.monotonic()
            print(
                f"{elapsed():.1f} min  {now.env_steps} steps  {now.successes_50}/{now.episodes_50} of {now.episodes} "
                f"episodes  {now.updates} updates  {now.lost_ticks} lost ticks  {'; '.join(now.held)}",
                flush=True,
            )

    settings = up.settings()
    end = run_graph(up.graph(settings), settings.run_folder, lambda now: elapsed() > minutes, show)
    logs = settings.run_folder / "logs"
    pace = re.findall(r"\d+ of \d+ control steps were uneven", (logs / "fci.log").read_text())
    faults = (logs / "arm.log").read_text().count("FAULT:")
    played = Played(
        end.successes_50,
        end.episodes_50,
        end.env_steps,
        end.updates,
        elapsed(),
        end.lost_ticks,
        faults,
        "; ".join(pace),
    )
    (settings.run_folder / RESULT).write_text(json.dumps(asdict(played), indent=1))
    print(f"{settings.run}: {SuccessRate(played.successes, played.episodes)}  {played}", flush=True)
    return played


def main() -> None:
    o = tyro.cli(Options)
    robot = {"robot": "fci-sim", "station": o.station, "task": o.task, "lockstep": False}
    learning = RunOptions(base=o.base, seed=o.seed, **robot)
    held_out = RunOptions(base=o.base, max_episodes=o.episodes, **robot)
    finetuned = RunOptions(base=o.base, actor=o.runs / o.name / "actor", max_episodes=o.episodes, **robot)
    play(Up(learning, name=o.name, runs=o.runs), o.minutes)
    play(Up(finetuned, name=f"{o.name}-finetuned", runs=o.runs))
    play(Up(held_out, frozen=True, name=f"{o.name}-base", runs=o.runs))


if __name__ == "__main__":
    main()
