"""Teleoperation input as one record, its settings and its scaling. No driver, no ROS."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from typing import Annotated

from zprl_core.arm_model import FR3
from zprl_core.config.metadata import Range, check_ranges

Twist6 = tuple[float, float, float, float, float, float]  # x, y, z, roll, pitch, yaw
STILL: Twist6 = (0.0,) * 6
AXES = ("x", "y", "z", "roll", "pitch", "yaw")
MOST_INPUTS = 64  # largest number of axes, and of buttons
INPUTS = Range(-1, MOST_INPUTS - 1)  # numbers of axes and buttons, -1: none


class DeviceKind(str, Enum):
    """The kinds of input device."""

    KEYBOARD = "keyboard"
    GAMEPAD = "gamepad"
    SPACEMOUSE = "spacemouse"
    POSE = "pose"  # of another arm or a tracked tool
    TWIST = "twist"

    @property
    def leads(self) -> bool:
        """True for another arm or tool, beside which the terminal has the keys."""
        return self in (DeviceKind.POSE, DeviceKind.TWIST)


class Event(Enum):
    """A request by key or button. The value is its name on screen and in logs."""

    ARM = "arm"
    HOLD = "hold"
    STOP = "stop"
    RECOVER = "recover"
    ESTOP = "emergency stop"
    RELEASE = "release"
    RESET = "next episode"
    SUCCESS = "success"
    FAILURE = "failure"
    DISCARD = "discard"
    CONFIRM = "confirm"


@dataclass(frozen=True)
class TeleopCommand:
    """The state of a teleoperation device at one moment."""

    twist: Twist6 = STILL  # each within -1..1, base frame
    gripper: int = 0  # -1 close, 0 keep, 1 open
    enabled: bool = False  # without it nothing moves
    touched: bool = False  # beyond the threshold: the operator takes over
    events: tuple[Event, ...] = ()  # pressed since the last read
    note: str = ""  # why nothing moves, for display

    def __post_init__(self) -> None:
        if not all(abs(value) <= 1.0 for value in self.twist):
            raise ValueError(f"a teleoperation twist lies within -1..1, got {self.twist}")
        if self.gripper not in (-1, 0, 1):
            raise ValueError(f"a teleoperation gripper command is -1, 0 or 1, got {self.gripper}")


@dataclass(frozen=True)
class InputThresholds:
    """Dead zone and takeover threshold of an input axis."""

    dead_zone: Annotated[float, "share of an axis' travel that counts as released", Range(0, 0.9)] = 0.1
    threshold: Annotated[
        float, "share of the remaining travel beyond which the operator takes over from the policy", Range(0, 0.9)
    ] = 0.1

    def __post_init__(self) -> None:
        check_ranges(self, "feel.")


@dataclass(frozen=True)
class Layout:
    """The axis and button numbers of a sensor_msgs/Joy for each function, counted from 0; -1: none."""

    axes: Annotated[tuple[int, int, int, int, int, int], "Joy axes of x, y, z, roll, pitch, yaw; -1: none"]
    invert: Annotated[tuple[bool, bool, bool, bool, bool, bool], "whether each of these axes is reversed"] = (
        False,
    ) * 6
    enable: Annotated[int, "button to hold while moving; -1: touching the device enables it", INPUTS] = -1
    close_axis: Annotated[
        int, "axis of the trigger that closes the gripper (1 released, -1 pulled); -1: none", INPUTS
    ] = -1
    open_axis: Annotated[
        int, "axis of the trigger that opens the gripper (1 released, -1 pulled); -1: none", INPUTS
    ] = -1
    toggle: Annotated[int, "button that closes and opens the gripper in turn; -1: none", INPUTS] = -1
    arm: Annotated[int, "button that enables the arm; -1: none", INPUTS] = -1
    hold: Annotated[int, "button that holds the arm; -1: none", INPUTS] = -1
    stop: Annotated[int, "button that stops the arm; -1: none", INPUTS] = -1
    recover: Annotated[int, "button that recovers the arm from a fault; -1: none", INPUTS] = -1
    estop: Annotated[int, "button of the emergency stop; -1: none", INPUTS] = -1
    release: Annotated[int, "button that releases the emergency stop; -1: none", INPUTS] = -1
    reset: Annotated[int, "button that starts the next episode; -1: none", INPUTS] = -1
    success: Annotated[int, "button that labels the episode a success; -1: none", INPUTS] = -1
    failure: Annotated[int, "button that labels the episode a failure; -1: none", INPUTS] = -1
    discard: Annotated[int, "button that discards the episode; -1: none", INPUTS] = -1
    confirm: Annotated[int, "button that confirms what the operator was asked for; -1: none", INPUTS] = -1

    def __post_init__(self) -> None:
        if len(self.axes) != 6 or len(self.invert) != 6:
            raise ValueError("axes and invert have one value each for x, y, z, roll, pitch and yaw")
        numbers = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("axes", "invert")}
        wrong = [n for n in (*self.axes, *numbers.values()) if not -1 <= n < MOST_INPUTS]
        if wrong:
            raise ValueError(f"axes and buttons are counted from 0 to {MOST_INPUTS - 1}, -1 is none; got {wrong[0]}")
        buttons = {name: n for name, n in numbers.items() if n >= 0 and not name.endswith("_axis")}
        for name, number in buttons.items():
            others = [other for other, n in buttons.items() if n == number and other != name]
            if others:
                raise ValueError(f"button {number} is both {name} and {others[0]}: assign one button to each")

    @property
    def events(self) -> dict[int, Event]:
        """The event of each button that has one."""
        named = {event.name.lower(): event for event in Event}
        return {getattr(self, name): event for name, event in named.items() if getattr(self, name) >= 0}


# Xbox-like, as joy_node and the kernel's xpad count: sticks 0 1 and 3 4, triggers 2 5, cross 6 7.
GAMEPAD = Layout(
    axes=(1, 0, 4, 6, 7, 3), enable=4, open_axis=2, close_axis=5, confirm=0, estop=1, discard=2, reset=3, hold=5,
    failure=6, success=7, arm=8, recover=10,
)  # fmt: skip
SPACEMOUSE = Layout(axes=(0, 1, 2, 3, 4, 5), toggle=0, confirm=1)


@dataclass(frozen=True)
class TeleopSettings:
    """Field names are parameter names."""

    device: Annotated[
        DeviceKind,
        "keyboard, gamepad or spacemouse; pose or twist: another arm or tool on teleop/pose or teleop/twist",
    ] = DeviceKind.KEYBOARD
    frame: Annotated[str, "base frame of the arm, which twists are given in"] = FR3.base_frame
    direct: Annotated[bool, "true: read gamepad or SpaceMouse here, without joy_node or spacenav"] = False
    path: Annotated[
        str, "device file to read with direct, /dev/input/js0 or /dev/hidraw3; empty: the first one found"
    ] = ""
    linear: Annotated[float, "speed at full travel [m/s]", Range(0.001, 1)] = 0.1
    angular: Annotated[float, "angular speed at full travel [rad/s]", Range(0.001, 3)] = 0.5
    feel: InputThresholds = field(default_factory=InputThresholds)
    silence_s: Annotated[
        float, "silence of a Joy topic after which the device counts as unplugged [s]", Range(0.05, 5)
    ] = 0.25
    axes: Annotated[
        tuple[bool, bool, bool, bool, bool, bool],
        "whether x, y, z, roll, pitch and yaw move the tool; a demonstration turns it only as its action can",
    ] = (True,) * 6
    screen: Annotated[
        bool, "true: with a gamepad or SpaceMouse too, show the screen and take the keys of services from the terminal"
    ] = False
    demonstrations: Annotated[
        int, "successful episodes so far, which the screen adds its own to; -1: it does not count", Range(-1, 10**9)
    ] = -1
    look_s: Annotated[float, "time between two attempts to open a missing device [s]", Range(0.05, 60)] = 0.5
    key_s: Annotated[float, "how long one key press moves the arm unless it repeats [s]", Range(0.05, 1)] = 0.2
    enable_s: Annotated[float, "keyboard: time without a key after which it is disabled [s]", Range(1, 3600)] = 10.0
    gamepad: Layout = GAMEPAD
    spacemouse: Layout = SPACEMOUSE

    def __post_init__(self) -> None:
        check_ranges(self)
        if not self.frame:
            raise ValueError(f"frame is empty; name the arm's base frame, for example {FR3.base_frame}")
        if len(self.axes) != 6:
            raise ValueError(f"axes has one value each for {', '.join(AXES)}")
        if self.direct and self.device not in (DeviceKind.GAMEPAD, DeviceKind.SPACEMOUSE):
            raise ValueError(f"direct is for gamepad and spacemouse, and the device is {self.device.value}: remove it")
        if self.path and not self.direct:
            raise ValueError(f"path is {self.path}, but the device is not read directly: also set direct:=true")

    @property
    def layout(self) -> Layout:
        """The layout of the gamepad or SpaceMouse."""
        return self.gamepad if self.device == DeviceKind.GAMEPAD else self.spacemouse


def beyond(value: float, dead_zone: float) -> float:
    """An axis without its dead zone: 0 at the edge of the zone, 1 at the end. A non-finite value counts as 0."""
    if not math.isfinite(value) or abs(value) <= dead_zone:
        return 0.0
    return math.copysign((min(abs(value), 1.0) - dead_zone) / (1.0 - dead_zone), value)


def command_from(
    raw: Iterable[float], gripper: int, enable: bool | None, events: tuple[Event, ...], feel: InputThresholds
) -> TeleopCommand:
    """One record from six raw axes within -1..1. With `enable` None, touching the device enables."""
    x, y, z, roll, pitch, yaw = (beyond(value, feel.dead_zone) for value in raw)
    twist: Twist6 = (x, y, z, roll, pitch, yaw)
    touched = gripper != 0 or max(map(abs, twist)) > feel.threshold
    enabled = touched if enable is None else enable
    if not enabled:
        return TeleopCommand(events=events)
    return TeleopCommand(twist, gripper, True, touched, events)


def along(command: TeleopCommand, axes: tuple[bool, ...]) -> TeleopCommand:
    """Returns the command without the axes that do not move the tool, and says so."""
    lost = [name for name, value, moves in zip(AXES, command.twist, axes, strict=True) if value and not moves]
    if not lost:
        return command
    x, y, z, roll, pitch, yaw = (value if moves else 0.0 for value, moves in zip(command.twist, axes, strict=True))
    twist: Twist6 = (x, y, z, roll, pitch, yaw)
    touched = command.touched and (any(twist) or command.gripper != 0)
    return replace(
        command, twist=twist, touched=touched, note=f"the action of this task has no {' and no '.join(lost)}"
    )


def speeds(command: TeleopCommand, linear: float, angular: float) -> Twist6:
    """The twist in m/s and rad/s. A diagonal is no faster than an axis."""
    x, y, z = _within_a_ball(command.twist[:3], linear)
    roll, pitch, yaw = _within_a_ball(command.twist[3:], angular)
    return (x, y, z, roll, pitch, yaw)


def _within_a_ball(part: tuple[float, ...], most: float) -> tuple[float, ...]:
    scale = most / max(1.0, math.hypot(*part))
    return tuple(scale * value for value in part)
