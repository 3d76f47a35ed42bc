"""Measures how the franky driver follows a circle at 20 Hz against the simulated FCI, for each control mode.

python benchmarks/tracking.py

Simulated time waits for the driver (lockstep), so a busy machine makes the program slower, not the result worse. The
result does not cover real-time latency, or how often a real arm raises a reflex.
"""

from dataclasses import dataclass

import tyro

import support  # noqa: F401  before what it finds
from arm_harness import ArmHarness
from circle import Tracked, circle_of, track
from zprl_core.latency import Latency
from zprl_hardware.franka.config import Control
from zprl_sim.fci.simulator import FciSim
from zprl_sim.latency import make_robot
from zprl_sim.tasks.catalog import task_named

HEAD = "| control | error of the tool mean, max [mm] | lag [s] | error without lag, mean [mm] | aborts |"


@dataclass(frozen=True)
class Options:
    """Stream a circle and measure the error."""

    hostname: str = "127.0.0.9"
    """Address of the simulated FCI: any free one, 127.x.y.z"""
    radius: float = 0.03
    """Radius of the circle [m]"""
    turn_s: float = 3.0
    """Duration of one turn [s]"""
    turns: int = 6
    """Number of turns"""


def row(name: str, tracked: Tracked) -> str:
    """Format one line of the table."""
    mean, most = 1e3 * tracked.errors.mean(), 1e3 * tracked.errors.max()
    lag, left = tracked.lag
    return f"| {name} | {mean:.1f}, {most:.1f} | {lag:.3f} | {1e3 * left:.1f} | {tracked.aborts} |"


def main() -> None:
    options = tyro.cli(Options)
    print(HEAD)
    print("|" + "---|" * (HEAD.count("|") - 1))
    for control in Control:
        with FciSim(task_named("lift"), options.hostname, lockstep=True) as fci:
            lab = ArmHarness(options.hostname, control, fci)
            try:
                lab.ready()
                print(row(control.value, track(lab, options.radius, options.turn_s, options.turns)), flush=True)
            finally:
                lab.close()
    for latency in Latency:
        robot = make_robot(task_named("lift"), latency)
        print(
            row(f"simulation, latency {latency.value}", circle_of(robot, options.radius, options.turn_s, options.turns))
        )


if __name__ == "__main__":
    main()
