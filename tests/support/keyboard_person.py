"""Somebody at a terminal who sees the screen of `zprl teleop`, looks at the arm, and presses keys."""

import math
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from geometry_msgs.msg import PoseStamped

from listener import Listener
from zprl_core.ros import qos
from zprl_core.ros.poses import tool_from

OWN_TERMINAL = "import os, sys; f = os.open(sys.argv[1], os.O_RDWR); [os.dup2(f, n) for n in (0, 1, 2)]; "
ZPRL = "sys.argv[1:2] = []; from zprl_cli.main import main; main()"
PRESS_S = 0.1  # as a held key repeats, and sooner than its motion ends
FINE_M, DONE_M, DONE_RAD = 0.06, 0.008, 0.1
ABOVE_M, GRASP_M, ATTEMPTS = 0.2, 0.02, 5
KEYS = (("w", "s"), ("a", "d"), ("r", "f"))


class Faulted(Exception):
    """The arm stopped in a fault."""


class KeyboardPerson:
    """A `with` block around the command. The terminal is the command's own, so that Ctrl-C reaches all of it."""

    command = "teleop"

    def __init__(self, domain: int, *arguments: str, cwd: Path):
        self.domain, self.arguments, self.cwd = domain, arguments, cwd
        self.screen = ""

    def __enter__(self) -> "KeyboardPerson":
        self._keys, node = pty.openpty()
        os.set_blocking(self._keys, False)
        env = {k: v for k, v in os.environ.items() if k != "_ROS_WHEELS_BOOTSTRAP_COMPLETE"}
        command = [sys.executable, "-c", OWN_TERMINAL + ZPRL, os.ttyname(node), self.command, *self.arguments]
        self.process = subprocess.Popen(
            command, env=env | {"ROS_DOMAIN_ID": str(self.domain)}, cwd=self.cwd, start_new_session=True
        )
        os.close(node)
        self.eyes = Listener(self.domain)
        self.eyes.hear(PoseStamped, "arm/current_pose", qos.STATE)
        self.eyes.hear(PoseStamped, "objects/cube/pose", qos.STATE)
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.eyes.close()
        os.close(self._keys)

    def press(self, keys: str) -> None:
        os.write(self._keys, keys.encode())

    def look(self) -> str:
        """The newest screen, or what was printed after it."""
        with suppress(BlockingIOError, OSError):
            while part := os.read(self._keys, 1 << 16).decode(errors="replace"):
                self.screen = (self.screen + part)[-20000:]
        return self.screen[self.screen.rfind("\x1b[H") + 3 :].replace("\x1b[K", "").replace("\r", "")

    def until(self, *words: str, key: str = "", timeout_s: float = 300.0) -> str:
        """Wait for a screen with all the words, pressing a key once a second meanwhile."""
        pressed_s = 0.0

        def shown() -> bool:
            nonlocal pressed_s
            if key and time.monotonic() - pressed_s > 1.0:
                pressed_s = time.monotonic()
                self.press(key)
            seen = self.look()
            ended = self.process.poll() is not None
            assert not ended or all(word in seen for word in words), seen
            return all(word in seen for word in words)

        self.eyes.until(shown, timeout_s)
        return self.look()

    def leave(self) -> str:
        """Press Ctrl-C, and return what is printed then."""
        self.press("\x03")
        return self.ended()

    def ended(self) -> str:
        self.eyes.until(lambda: (self.look(), self.process.poll() is not None)[1], 300.0)
        assert self.process.returncode == 0, self.look()
        return self.look()

    def begin(self) -> None:
        """Start the next episode."""
        self.until("you   request the next episode")
        self.until("is running: label it", key="0")
        self.eyes.spin(0.3)

    def demonstrate(self) -> None:
        """Lift the cube in an episode of its own, and label it. An arm that was pushed too hard is recovered before."""
        for _ in range(ATTEMPTS):
            self.begin()
            if "ENABLED" not in self.look():
                self.press(" ")
                self.until("input ENABLED")
            try:
                self._lift_the_cube()
            except Faulted:  # the episode is discarded
                self.until("arm   IDLE", key="4")
                self.until("arm   HOLD", key="1")
                continue
            self.press("7")
            return
        raise AssertionError(self.look())

    def _lift_the_cube(self) -> None:
        """Go above the cube, down, close, and up, until the screen says that it is done. Raises Faulted."""
        for _ in range(ATTEMPTS):
            x, y, _ = self._cube()[0]
            self.move((None, None, ABOVE_M))
            self.move((x, y, None))
            self.turn()
            self.move((x, y, GRASP_M))
            self._hold("c", 1.0)
            self.move((x, y, ABOVE_M))
            self.eyes.spin(0.5)
            if "task  done" in self.look():
                return
            self._hold("v", 1.0)
        raise AssertionError(self.look())

    def move(self, goal: Sequence[float | None], timeout_s: float = 30.0) -> None:
        """Press the key of the axis that is furthest from its goal [m], with Shift once it is close."""
        end = time.monotonic() + timeout_s  # a goal that the guards do not allow is given up

        def key() -> str:
            here = self._tool()[0]
            off = [0.0 if g is None else g - p for g, p in zip(goal, here, strict=True)]
            axis = int(np.argmax(np.abs(off)))
            if abs(off[axis]) < DONE_M:
                return ""
            letter = KEYS[axis][off[axis] < 0]
            return letter.upper() if abs(off[axis]) < FINE_M else letter

        while (letter := key()) and time.monotonic() < end:
            self._type(letter)

    def turn(self) -> None:
        """Turn the gripper along the cube's sides."""
        end = time.monotonic() + 30.0
        while time.monotonic() < end:
            off = math.remainder(self._cube()[1] - self._tool()[1], math.pi / 2)
            if abs(off) < DONE_RAD:
                return
            self._type("J" if off > 0 else "L")

    def _hold(self, key: str, duration_s: float) -> None:
        end = time.monotonic() + duration_s
        while time.monotonic() < end:
            self._type(key)

    def _type(self, key: str) -> None:
        self.press(key)
        if "arm   FAULT" in self.look():
            raise Faulted
        self.eyes.spin(PRESS_S)

    def _tool(self) -> tuple[tuple[float, float, float], float]:
        return self._pose("arm/current_pose")

    def _cube(self) -> tuple[tuple[float, float, float], float]:
        return self._pose("objects/cube/pose")

    def _pose(self, topic: str) -> tuple[tuple[float, float, float], float]:
        heard: list[Any] = self.eyes.heard[topic]
        self.eyes.until(lambda: heard)
        newest = heard[-1]
        del heard[:-1]
        p = newest.pose.position
        q = newest.pose.orientation
        if topic == "arm/current_pose":
            return (p.x, p.y, p.z), tool_from(newest.pose).yaw
        return (p.x, p.y, p.z), math.atan2(2 * (q.w * q.z + q.x * q.y), 1 - 2 * (q.y * q.y + q.z * q.z))
