"""Corrects a frozen base of lift as a person at a gamepad would, while every episode is recorded.

    python benchmarks/corrections.py --base runs/by-hand/base --episodes 60 --folder corrections
    cd corrections && zprl pretrain --bags bags --corrections --from .../by-hand --name second
    zprl evaluate second --base

The person takes over when the cube is not lifted in time. They see where the cube is; the policy sees it somewhat off.
"""

import support  # noqa: F401, I001  first
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tyro

from by_hand import GamepadPerson
from listener import start_node, stop_node
from zprl_bringup.runner.ros_domain import own_domain
from zprl_core.episode_event import EpisodeEventKind
from zprl_core.ros import qos
from zprl_msgs.msg import EpisodeEvent
from zprl_sim.tasks.catalog import task_named

PATIENCE_S, CLEAR_M = 4.5, 0.07  # until the person takes over, and how high the fingers go first; the limit is 10 s
STATION = "task: lift\ncontrol_rate: 20.0\nchunk: {horizon: 16, n_action_steps: 4}\n"
DEVICE = ("device:=gamepad", "frame:=fr3_link0", "axes:=[true, true, true, false, false, true]")


@dataclass(frozen=True)
class Options:
    """Correct."""

    base: Path
    """Base to correct, of latency real"""
    episodes: int = 60
    """Number of episodes"""
    folder: Path = Path("corrections")
    """Folder for the bags and logs"""
    seed: int = 0
    """Seed of the person's errors"""


class Ended(Exception):
    """The episode is over."""


class Corrector(GamepadPerson):
    """A person with a gamepad beside `zprl up`."""

    command = "up"

    def __enter__(self) -> "Corrector":
        super().__enter__()
        self.eyes.hear(EpisodeEvent, "episode/event", qos.LATCHED_EVENTS)
        self.teleop = start_node(self.domain, ["-m", "zprl_teleop.ros.teleop_node"], *DEVICE)
        self.episode = -1  # that runs
        return self

    def __exit__(self, *given: object) -> None:
        stop_node(self.teleop)
        super().__exit__(*given)

    def watch(self) -> None:
        """Take in what happened. Raises Ended when the episode is over, or the command."""
        events: list[Any] = self.eyes.heard["episode/event"]
        while events:
            event = events.pop(0)
            if event.kind == EpisodeEventKind.STARTED:
                self.episode = event.episode
            elif event.episode == self.episode:
                self.episode = -1
        if self.episode < 0 or self.process.poll() is not None:
            raise Ended

    def wait(self, duration_s: float) -> None:
        end = time.monotonic() + duration_s
        while time.monotonic() < end:
            self.hold()
            self.watch()

    def hold(self, twist: Sequence[float] = (), close: bool = False, button: int = -1, duration_s: float = 0.0) -> None:
        end = time.monotonic() + duration_s
        while True:
            super().hold(twist, close, button)
            if any(twist) or close:
                self.watch()
            if time.monotonic() >= end:
                return

    def correct(self, rng: np.random.Generator) -> None:
        """Let go, rise, and lift the cube. Raises Ended."""
        off = np.subtract(rng.normal(0.0, 0.003, 2), task_named("lift").mismatch.seen_off_by[:2])
        while True:
            x, y, _ = self._tool()[0]
            self._go((x, y, CLEAR_M), 0.02)
            self.lift(off.tolist())


def main(options: Options) -> None:
    options.folder.mkdir(parents=True, exist_ok=True)
    rng, corrected = np.random.default_rng(options.seed), 0
    base = options.base.absolute()
    with own_domain() as domain:  # a free one, which the command then takes
        pass
    (options.folder / "station.yaml").write_text(STATION)
    arguments = ("--robot", "mujoco", "--station", "station.yaml", "--base", str(base), "--frozen",
                 "--bags", "bags", "--episodes", str(options.episodes))  # fmt: skip
    with Corrector(domain, *arguments, cwd=options.folder) as person:
        while person.process.poll() is None:
            try:
                person.hold()
                person.watch()
                number = person.episode
                person.wait(PATIENCE_S)
                corrected += 1
                print(f"\repisode {number}: {corrected} corrected", end="", flush=True)
                person.correct(rng)
            except Ended:
                pass
        print(f"\n{person.look()}")


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
