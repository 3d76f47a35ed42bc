"""Demonstrates lift as a person at a gamepad would, through zprl teleop.

    python benchmarks/by_hand.py --demos 60 --folder by-hand
    cd by-hand && zprl bags check demos && zprl pretrain --bags demos --name by-hand && zprl evaluate by-hand --base

The person sees the poses of tool and cube, misjudges the cube by some millimeters, and moves all axes at once.
"""

import support  # noqa: F401, I001  first
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro
from sensor_msgs.msg import Joy

from keyboard_person import KeyboardPerson
from zprl_bringup.runner.ros_domain import own_domain
from zprl_core.ros import topics

DEAD_ZONE, ENABLE, NEXT, SUCCESS, DISCARD = 0.1, 4, 3, 7, 2  # share of the travel; buttons
X, Y, Z, YAW, OPEN, CLOSE = 1, 0, 4, 3, 2, 5  # axes of an Xbox-like gamepad
SLOW_M, SLOW_RAD = 0.06, 0.3  # distance from which on the stick is released
PERIOD_S = 0.03
ABOVE_M, GRASP_M, LIFTED_M = 0.10, 0.022, 0.17
GRIP_S, MOST_S = 0.5, 8.0
REST = [0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0]


@dataclass(frozen=True)
class Options:
    """Demonstrate."""

    demos: int = 60
    """Number of successes"""
    folder: Path = Path("by-hand")
    """Folder for the bags (demos) and logs"""
    error_m: float = 0.004
    """Standard deviation of the person's error in x and y [m]"""
    seed: int = 0
    """Seed of the errors"""


class GamepadPerson(KeyboardPerson):
    """Publishes what joy_node would; the keys recover an arm that was pushed too hard."""

    def __enter__(self) -> "GamepadPerson":
        super().__enter__()
        self._joy = topics.JOY.publisher(self.eyes.node)
        return self

    def hold(self, twist: Sequence[float] = (), close: bool = False, button: int = -1, duration_s: float = 0.0) -> None:
        """Hold the sticks, the trigger and a button for a while, once at least."""
        axes, end = list(REST), time.monotonic() + duration_s
        for axis, value in zip((X, Y, Z, YAW), twist, strict=False):
            axes[axis] = math.copysign(DEAD_ZONE + (1 - DEAD_ZONE) * min(1.0, abs(value)), value) if value else 0.0
        axes[CLOSE] = -1.0 if close else 1.0
        down = {button, ENABLE} if any(twist) or close else {button}
        while True:
            self._joy.publish(Joy(axes=axes, buttons=[int(k in down) for k in range(11)]))
            self.eyes.spin(PERIOD_S)
            self.look()  # a terminal that is full takes no newer screen
            if time.monotonic() >= end or self.process.poll() is not None:
                return

    def until_shown(self, words: str, button: int = -1) -> None:
        """Press and release a button until the screen has the words."""
        while words not in self.look() and self.process.poll() is None:
            self.hold(button=button)
            self.hold(duration_s=0.4)

    def lift(self, error: Sequence[float]) -> bool:
        """Lift the cube where the person believes it to be. Whether the screen says that it is done."""
        cube = self._cube()[0]
        x, y = cube[0] + error[0], cube[1] + error[1]
        self._go((x, y, ABOVE_M), 0.015)
        self._go((x, y, GRASP_M), 0.008)
        self.hold(close=True, duration_s=GRIP_S)
        self._go((x, y, LIFTED_M), 0.02, close=True)
        self.hold(close=True, duration_s=0.3)
        return "task  done" in self.look()

    def _go(self, goal: Sequence[float], tolerance_m: float, close: bool = False) -> None:
        end = time.monotonic() + MOST_S
        while time.monotonic() < end:
            (here, yaw), (_, wanted) = self._tool(), self._cube()
            off = np.subtract(goal, here)
            turn = 0.0 if close else math.remainder(wanted - yaw, math.pi / 2)
            if np.abs(off).max() < tolerance_m and abs(turn) < SLOW_RAD / 2:
                return
            sticks = np.clip(off / SLOW_M, -1, 1).tolist()
            self.hold((*sticks, float(np.clip(turn / SLOW_RAD, -1, 1))), close)


def main(options: Options) -> None:
    options.folder.mkdir(parents=True, exist_ok=True)
    rng, kept = np.random.default_rng(options.seed), 0
    arguments = ("--device", "gamepad", "--bags", "demos", "--demos", str(options.demos))
    with own_domain() as domain:  # a free one, which the command then takes
        pass
    with GamepadPerson(domain, *arguments, cwd=options.folder) as person:
        while person.process.poll() is None:
            person.until_shown("you   request the next")
            person.until_shown("is running: label", NEXT)
            done = person.lift(rng.normal(0.0, options.error_m, 2).tolist())
            kept += done
            print(f"\r{kept}/{options.demos}", end="", flush=True)
            if "arm   FAULT" in person.look():
                person.until("arm   IDLE", key="4")
                person.until("arm   HOLD", key="1")
            else:
                person.until_shown("you   request the next", SUCCESS if done else DISCARD)
        print(f"\n{person.look()}")


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
