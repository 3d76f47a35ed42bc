"""Maps axes and buttons of a Joy topic or a Linux device to teleoperation commands. No ROS."""

from collections.abc import Sequence
from dataclasses import dataclass

from zprl_teleop.device import DeviceLost
from zprl_teleop.teleop_command import MOST_INPUTS, Event, InputThresholds, Layout, TeleopCommand, command_from

PULLED = -0.5  # a trigger rests at 1, or at 0 before its first touch


@dataclass(frozen=True)
class JoystickState:
    """The accumulated state of a gamepad or a SpaceMouse."""

    axes: tuple[float, ...] = ()  # within -1..1; forward, left and up are positive
    down: frozenset[int] = frozenset()  # buttons that are held
    pressed: frozenset[int] = frozenset()  # buttons that went down since the last read
    found: frozenset[int] = frozenset()  # buttons already down when the device connected


class Inputs:
    """Accumulates inputs between two reads, so that a short press is not missed."""

    def __init__(self) -> None:
        self._axes: list[float] = []
        self._down: set[int] = set()
        self._pressed: set[int] = set()
        self._found: set[int] = set()

    def axis(self, number: int, value: float) -> None:
        """Set one axis. Numbers beyond those of any device are ignored."""
        if number < MOST_INPUTS:
            self._axes += [0.0] * (number + 1 - len(self._axes))
            self._axes[number] = value

    def button(self, number: int, down: bool, fresh: bool = True) -> None:
        """Set one button. Without `fresh` it was already down on connection: found, not pressed."""
        if number >= MOST_INPUTS:
            return
        if down and number not in self._down:
            (self._pressed if fresh else self._found).add(number)
        (self._down.add if down else self._down.discard)(number)

    def take(self) -> JoystickState:
        """The current state; each press is returned once."""
        state = JoystickState(
            tuple(self._axes), frozenset(self._down), frozenset(self._pressed), frozenset(self._found)
        )
        self._pressed.clear()
        self._found.clear()
        return state

    def forget(self) -> None:
        """Forget the device's state; presses that were not read yet are kept."""
        self._axes.clear()
        self._down.clear()


class JoystickMapper:
    """Maps joystick states to commands. A device must be at rest once before it moves anything."""

    def __init__(self, layout: Layout, feel: InputThresholds):
        self.layout, self.feel = layout, feel
        self._rested = False
        self._turn = 1  # last action of the gripper's toggle

    def command(self, state: JoystickState) -> TeleopCommand:
        """The command of this state."""
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
        """The emergency stop, if pressed: the only input that counts from a disconnected device."""
        return tuple(event for event in self._requested(state) if event == Event.ESTOP)

    def _requested(self, state: JoystickState) -> tuple[Event, ...]:
        """The events of pressed buttons. An emergency stop counts whenever it is down, even if its press was missed."""
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
    """The value of an axis; 0 if the device lacks it."""
    return state.axes[number] if 0 <= number < len(state.axes) else 0.0


class JoyTopic:
    """A device behind a Joy topic, connected as long as messages arrive."""

    def __init__(self, topic: str, remedy: str, layout: Layout, feel: InputThresholds, silence_s: float):
        self.topic, self.remedy, self.silence_s = topic, remedy, silence_s
        self._layout, self._feel = layout, feel
        self._inputs, self._mapper = Inputs(), JoystickMapper(layout, feel)
        self._heard_s = float("-inf")
        self._full = False

    def push(self, axes: Sequence[float], buttons: Sequence[int], now_s: float) -> None:
        """Process a message. spacenav omits the buttons when they have not changed."""
        if now_s - self._heard_s > self.silence_s:
            self._inputs.forget()
            self._full = False
        for number, value in enumerate(axes):
            self._inputs.axis(number, float(value))
        for number, value in enumerate(buttons):
            self._inputs.button(number, bool(value), fresh=self._full)
        self._heard_s, self._full = now_s, True

    def open(self) -> None:
        """Do nothing: the node subscribes."""

    def read(self, now_s: float) -> TeleopCommand:
        """Raises DeviceLost after a silence; an emergency stop pressed before that is returned first."""
        state = self._inputs.take()
        if now_s - self._heard_s <= self.silence_s:
            return self._mapper.command(state)
        if stops := self._mapper.stops(state):
            return TeleopCommand(events=stops)
        raise DeviceLost(f"no messages on {self.topic}: {self.remedy}")

    def close(self) -> None:
        """Require a new rest before motion."""
        self._mapper = JoystickMapper(self._layout, self._feel)
