"""Axes and buttons, from a Joy topic or from a device of Linux, as a person's hand. No ROS."""

from collections.abc import Sequence
from dataclasses import dataclass

from zprl_teleop.device import DeviceLost
from zprl_teleop.teleop_command import MOST_INPUTS, Event, Feel, Hand, Layout, hand_of

PULLED = -0.5  # a trigger rests at 1, or at 0 before its first touch


@dataclass(frozen=True)
class Sticks:
    """What a gamepad or a SpaceMouse has told until now."""

    axes: tuple[float, ...] = ()  # within -1..1; forward, left and up are positive
    down: frozenset[int] = frozenset()  # buttons that are held
    pressed: frozenset[int] = frozenset()  # buttons that went down since the last look
    found: frozenset[int] = frozenset()  # buttons that were down already when the device was first heard, or again


class Inputs:
    """Gathers what a device tells between two looks, so that a short press is not missed."""

    def __init__(self) -> None:
        self._axes: list[float] = []
        self._down: set[int] = set()
        self._pressed: set[int] = set()
        self._found: set[int] = set()

    def axis(self, number: int, value: float) -> None:
        """One axis. Numbers beyond what any device has are ignored."""
        if number < MOST_INPUTS:
            self._axes += [0.0] * (number + 1 - len(self._axes))
            self._axes[number] = value

    def button(self, number: int, down: bool, fresh: bool = True) -> None:
        """One button. Not `fresh`: it was down before anybody looked, and is found, not pressed."""
        if number >= MOST_INPUTS:
            return
        if down and number not in self._down:
            (self._pressed if fresh else self._found).add(number)
        (self._down.add if down else self._down.discard)(number)

    def take(self) -> Sticks:
        """What there is now; presses are given once."""
        sticks = Sticks(tuple(self._axes), frozenset(self._down), frozenset(self._pressed), frozenset(self._found))
        self._pressed.clear()
        self._found.clear()
        return sticks

    def forget(self) -> None:
        """Nothing is known of the device any more; what was pressed and nobody has looked at stays pressed."""
        self._axes.clear()
        self._down.clear()


class Pad:
    """Makes hands of sticks. A device must have been at rest once before it moves anything."""

    def __init__(self, layout: Layout, feel: Feel):
        self.layout, self.feel = layout, feel
        self._rested = False
        self._turn = 1  # what the gripper's toggle did last

    def hand(self, sticks: Sticks) -> Hand:
        """The hand of this moment."""
        layout = self.layout
        events = self._asked(sticks)
        raw = [_axis(sticks, n) * (-1 if turned else 1) for n, turned in zip(layout.axes, layout.invert, strict=True)]
        if not self._rested:
            trigger = self._trigger(sticks)
            self._rested = bool(sticks.axes) and not hand_of(raw, trigger, None, (), self.feel).touched
            return Hand(events=events, note="" if self._rested else "let go of the device first")
        enable = None if layout.enable < 0 else layout.enable in sticks.down
        if enable is False:
            return Hand(events=events)
        return hand_of(raw, self._trigger(sticks) or self._toggle(sticks), enable, events, self.feel)

    def stops(self, sticks: Sticks) -> tuple[Event, ...]:
        """The emergency stop, if it was pressed: the one thing that counts of a device that is gone."""
        return tuple(event for event in self._asked(sticks) if event == Event.ESTOP)

    def _asked(self, sticks: Sticks) -> tuple[Event, ...]:
        """What presses ask for. An emergency stop counts whenever it is seen down; nobody may have seen the press."""
        buttons = self.layout.events
        stop = sticks.found & {self.layout.estop}
        return tuple(buttons[number] for number in sorted(sticks.pressed | stop) if number in buttons)

    def _trigger(self, sticks: Sticks) -> int:
        if _axis(sticks, self.layout.close_axis) < PULLED:
            return -1
        return int(_axis(sticks, self.layout.open_axis) < PULLED)

    def _toggle(self, sticks: Sticks) -> int:
        if self.layout.toggle in sticks.pressed:
            self._turn = -self._turn
        elif self.layout.toggle not in sticks.down:
            return 0
        return self._turn


def _axis(sticks: Sticks, number: int) -> float:
    """0 where there is none."""
    return sticks.axes[number] if 0 <= number < len(sticks.axes) else 0.0


class JoyTopic:
    """A device behind a Joy topic: it is there for as long as messages come."""

    def __init__(self, topic: str, remedy: str, layout: Layout, feel: Feel, silence_s: float):
        self.topic, self.remedy, self.silence_s = topic, remedy, silence_s
        self._layout, self._feel = layout, feel
        self._inputs, self._pad = Inputs(), Pad(layout, feel)
        self._heard_s = float("-inf")
        self._full = False

    def push(self, axes: Sequence[float], buttons: Sequence[int], now_s: float) -> None:
        """A message. spacenav leaves the buttons out when it has no news of them."""
        if now_s - self._heard_s > self.silence_s:
            self._inputs.forget()
            self._full = False
        for number, value in enumerate(axes):
            self._inputs.axis(number, float(value))
        for number, value in enumerate(buttons):
            self._inputs.button(number, bool(value), fresh=self._full)
        self._heard_s, self._full = now_s, True

    def open(self) -> None:
        """Nothing to open: the node listens."""

    def read(self, now_s: float) -> Hand:
        """Raises DeviceLost when no message has come for a while; a stop that was pressed before that goes first."""
        sticks = self._inputs.take()
        if now_s - self._heard_s <= self.silence_s:
            return self._pad.hand(sticks)
        if stops := self._pad.stops(sticks):
            return Hand(events=stops)
        raise DeviceLost(f"nothing comes on {self.topic}: {self.remedy}")

    def close(self) -> None:
        """The next hand must be at rest first."""
        self._pad = Pad(self._layout, self._feel)
