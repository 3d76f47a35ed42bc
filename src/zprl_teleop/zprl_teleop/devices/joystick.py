"""Axes and buttons, from a Joy topic or from a device of Linux, as a person's hand. No ROS."""

from collections.abc import Sequence
from dataclasses import dataclass

from zprl_teleop.device import DeviceLost
from zprl_teleop.teleop_command import MOST_INPUTS, Event, InputThresholds, Layout, TeleopCommand, command_from

PULLED = -0.5  # a trigger rests at 1, or at 0 before its first touch


@dataclass(frozen=True)
class JoystickState:
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

    def take(self) -> JoystickState:
        """What there is now; presses are given once."""
        state = JoystickState(
            tuple(self._axes), frozenset(self._down), frozenset(self._pressed), frozenset(self._found)
        )
        self._pressed.clear()
        self._found.clear()
        return state

    def forget(self) -> None:
        """Nothing is known of the device any more; what was pressed and nobody has looked at stays pressed."""
        self._axes.clear()
        self._down.clear()


class JoystickMapper:
    """Makes hands of sticks. A device must have been at rest once before it moves anything."""

    def __init__(self, layout: Layout, feel: InputThresholds):
        self.layout, self.feel = layout, feel
        self._rested = False
        self._turn = 1  # what the gripper's toggle did last

    def command(self, state: JoystickState) -> TeleopCommand:
        """The hand of this moment."""
        layout = self.layout
        events = self._requested(state)
        raw = [_axis(state, n) * (-1 if turned else 1) for n, turned in zip(layout.axes, layout.invert, strict=True)]
        if not self._rested:
            trigger = self._trigger(state)
            self._rested = bool(state.axes) and not command_from(raw, trigger, None, (), self.feel).touched
            return TeleopCommand(events=events, note="" if self._rested else "let go of the device first")
        enable = None if layout.enable < 0 else layout.enable in state.down
        if enable is False:
            return TeleopCommand(events=events)
        return command_from(raw, self._trigger(state) or self._toggle(state), enable, events, self.feel)

    def stops(self, state: JoystickState) -> tuple[Event, ...]:
        """The emergency stop, if it was pressed: the one thing that counts of a device that is gone."""
        return tuple(event for event in self._requested(state) if event == Event.ESTOP)

    def _requested(self, state: JoystickState) -> tuple[Event, ...]:
        """What presses ask for. An emergency stop counts whenever it is seen down; nobody may have seen the press."""
        buttons = self.layout.events
        stop = state.found & {self.layout.estop}
        return tuple(buttons[number] for number in sorted(state.pressed | stop) if number in buttons)

    def _trigger(self, state: JoystickState) -> int:
        if _axis(state, self.layout.close_axis) < PULLED:
            return -1
        return int(_axis(state, self.layout.open_axis) < PULLED)

    def _toggle(self, state: JoystickState) -> int:
        if self.layout.toggle in state.pressed:
            self._turn = -self._turn
        elif self.layout.toggle not in state.down:
            return 0
        return self._turn


def _axis(state: JoystickState, number: int) -> float:
    """0 where there is none."""
    return state.axes[number] if 0 <= number < len(state.axes) else 0.0


class JoyTopic:
    """A device behind a Joy topic: it is there for as long as messages come."""

    def __init__(self, topic: str, remedy: str, layout: Layout, feel: InputThresholds, silence_s: float):
        self.topic, self.remedy, self.silence_s = topic, remedy, silence_s
        self._layout, self._feel = layout, feel
        self._inputs, self._mapper = Inputs(), JoystickMapper(layout, feel)
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

    def read(self, now_s: float) -> TeleopCommand:
        """Raises DeviceLost when no message has come for a while; a stop that was pressed before that goes first."""
        state = self._inputs.take()
        if now_s - self._heard_s <= self.silence_s:
            return self._mapper.command(state)
        if stops := self._mapper.stops(state):
            return TeleopCommand(events=stops)
        raise DeviceLost(f"nothing comes on {self.topic}: {self.remedy}")

    def close(self) -> None:
        """The next hand must be at rest first."""
        self._mapper = JoystickMapper(self._layout, self._feel)
