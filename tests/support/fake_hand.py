"""Franky's gripper as a fake: motions that end at once, fail, go on, or fall silent; and the driver's loop by turns."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from zprl_hardware.franka import gripper as module
from zprl_hardware.franka.gripper import FrankyGripper


@dataclass
class Done:
    """A motion that has ended."""

    result: bool | Exception = True

    def wait(self, seconds: float) -> bool:
        return True

    def get(self) -> bool:
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


class Endless(Done):
    """A motion that goes on until `ended`."""

    ended = False

    def wait(self, seconds: float) -> bool:
        return self.ended


class SilentHand:
    """franky.Gripper of a hand that is unplugged in its motion."""

    max_width = 0.08

    def __init__(self, motion: Endless):
        self.motion, self.silent = motion, False

    @property
    def state(self) -> "SilentHand":
        return self

    @property
    def width(self) -> float:
        if self.silent:
            raise RuntimeError("libfranka: UDP receive: Timeout")
        return 0.04

    def move_async(self, width: float, speed: float) -> Endless:
        self.silent = True
        return self.motion


@dataclass
class FakeHand:
    """franky.Gripper: moves at once, or fails."""

    width: float = 0.04
    max_width: float = 0.08
    result: bool | Exception = True
    reached: float | None = None  # where fingers end that do not arrive
    between: float | None = None  # width of a rigid object between the fingers
    sent: list[tuple[str, float]] = field(default_factory=list)

    @property
    def state(self) -> "FakeHand":
        return self

    def move_async(self, width: float, speed: float) -> Done:
        return self._go("move", width)

    def grasp_async(self, width: float, *_: Any, epsilon_inner: float, epsilon_outer: float) -> Done:
        if self.between is not None:
            self.width = self.between
            grasped = -epsilon_inner <= self.between - width <= epsilon_outer
            return Done(grasped or RuntimeError("libfranka gripper: Command failed!"))
        return self._go("grasp", width)

    def homing_async(self) -> Done:
        if self.result is True:
            self.max_width = 0.08
        return self._go("home", self.width)

    def stop(self) -> bool:
        return True

    def _go(self, what: str, width: float) -> Done:
        self.sent.append((what, width))
        if self.result is True:
            self.width = width
        elif self.reached is not None:
            self.width = self.reached
        return Done(self.result)


class Thread:
    """The gripper's loop, one turn at a time."""

    def __init__(self, hand: FakeHand, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(module.threading.Thread, "start", lambda self: None)
        monkeypatch.setattr(module.time, "sleep", lambda seconds: self.stops())
        self.gripper = FrankyGripper("nowhere")
        self.gripper._connected = lambda: hand  # type: ignore[method-assign]
        self.gripper.open()
        self.left = 0

    def stops(self) -> None:
        self.gripper._running = False

    def turn(self) -> None:
        """Runs the loop until its next wait."""
        gripper, waits = self.gripper, iter([None])

        def wait(seconds: float) -> bool:
            if next(waits, self) is self:
                gripper._running = False
                gripper._opened.clear()
            return True

        gripper._news.wait = wait  # type: ignore[method-assign]
        gripper._running = True
        gripper._work()
        gripper._opened.set()
