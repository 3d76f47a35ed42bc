"""A person's hand as a record: dead zone, threshold, speeds, and what parameters may say."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zprl_core.config.flatten import flatten, unflatten
from zprl_core.config.validate import check_types
from zprl_teleop.teleop_command import (
    GAMEPAD,
    SPACEMOUSE,
    STILL,
    DeviceKind,
    Event,
    InputThresholds,
    Layout,
    TeleopCommand,
    TeleopSettings,
    Twist6,
    along,
    beyond,
    command_from,
    speeds,
)

FEEL = InputThresholds(dead_zone=0.2, threshold=0.25)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, 0.0),
        (0.2, 0.0),  # the edge belongs to the zone
        (0.6, 0.5),  # (0.6 - 0.2) / 0.8
        (-0.36, -0.2),  # -(0.36 - 0.2) / 0.8
        (1.0, 1.0),
        (-7.0, -1.0),
        (math.nan, 0.0),
        (math.inf, 0.0),
    ],
)
def test_the_dead_zone_is_cut_and_the_rest_is_stretched(value: float, expected: float) -> None:
    assert beyond(value, 0.2) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("x", "gripper", "touched"),
    [
        (0.1, 0, False),  # in the dead zone
        (0.4, 0, False),  # (0.4 - 0.2) / 0.8 = 0.25: not above the threshold
        (0.41, 0, True),
        (-0.41, 0, True),
        (0.0, -1, True),  # a person who closes the gripper acts too
    ],
)
def test_touched_above_the_threshold(x: float, gripper: int, touched: bool) -> None:
    assert command_from((x, 0, 0, 0, 0, 0), gripper, True, (), FEEL).touched is touched


def test_a_hand_that_is_not_enabled_moves_nothing_but_asks() -> None:
    hand = command_from((1, 0, 0, 0, 0, 1), -1, False, (Event.ESTOP,), FEEL)
    assert hand == TeleopCommand(events=(Event.ESTOP,))


def test_without_an_enable_button_the_touch_enables() -> None:
    assert command_from((1, 0, 0, 0, 0, 0), 0, None, (), FEEL) == TeleopCommand((1, 0, 0, 0, 0, 0), 0, True, True)
    assert not command_from((0.4, 0, 0, 0, 0, 0), 0, None, (), FEEL).enabled


@pytest.mark.parametrize(
    ("twist", "expected"),
    [
        ((0.5, 0, 0, 0, 0, -1), (0.05, 0, 0, 0, 0, -0.4)),
        # a diagonal of length 2**0.5 is scaled to 1: 0.1 / 2**0.5 = 0.0707
        ((1, -1, 0, 0, 0, 0), (0.0707107, -0.0707107, 0, 0, 0, 0)),
        # length 5/4 for the rotation: 3/4 and 1 become 0.6 and 0.8, times 0.4
        ((0, 0, 0.3, 0.75, 1, 0), (0, 0, 0.03, 0.24, 0.32, 0)),
    ],
)
def test_speeds_in_metres_and_radians(twist: tuple[float, ...], expected: tuple[float, ...]) -> None:
    told = speeds(TeleopCommand(twist, enabled=True), linear=0.1, angular=0.4)  # type: ignore[arg-type]
    assert told == pytest.approx(expected, abs=1e-6)


@given(st.lists(st.floats(), min_size=6, max_size=6), st.floats(0, 0.9), st.floats(0, 0.9))
def test_no_device_makes_a_hand_faster_than_allowed(raw: list[float], dead_zone: float, threshold: float) -> None:
    told = speeds(command_from(raw, 0, True, (), InputThresholds(dead_zone, threshold)), 0.1, 0.4)
    assert math.hypot(*told[:3]) <= 0.1 + 1e-9 and math.hypot(*told[3:]) <= 0.4 + 1e-9


def test_a_hand_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match=r"within -1\.\.1"):
        TeleopCommand((1.5, 0, 0, 0, 0, 0))
    with pytest.raises(ValueError, match=r"within -1\.\.1"):
        TeleopCommand((math.nan, 0, 0, 0, 0, 0))
    with pytest.raises(ValueError, match="gripper command is -1, 0 or 1"):
        TeleopCommand(STILL, 2)


def test_each_event_has_its_button() -> None:
    assert GAMEPAD.events == {
        0: Event.CONFIRM, 1: Event.ESTOP, 2: Event.DISCARD, 3: Event.RESET, 5: Event.HOLD, 6: Event.FAILURE,
        7: Event.SUCCESS, 8: Event.ARM, 10: Event.RECOVER,
    }  # fmt: skip
    assert SPACEMOUSE.events == {1: Event.CONFIRM}


def test_every_event_can_have_a_button() -> None:
    every = {event.name.lower(): number for number, event in enumerate(Event)}
    layout = Layout(axes=(0, 1, 2, 3, 4, 5), **every)  # type: ignore[arg-type]
    assert layout.events == dict(enumerate(Event))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"arm": 4}, "button 4 is both enable and arm"),
        ({"arm": 64}, "counted from 0 to 63"),
        ({"axes": (0, 1, 2, 3, 4, -2)}, "got -2"),
        ({"axes": (0, 1, 2)}, "one value each"),
    ],
)
def test_a_layout_that_makes_no_sense_is_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        replace(GAMEPAD, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"linear": 2.0}, r"linear is 2; it must lie within \[0\.001, 1\]"),
        ({"direct": True}, "direct is for gamepad and spacemouse, and the device is keyboard"),
        ({"device": DeviceKind.GAMEPAD, "path": "/dev/input/js1"}, "also set direct:=true"),
        ({"key_s": math.nan}, "key_s is nan; it must lie within"),
    ],
)
def test_settings_that_make_no_sense_are_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        TeleopSettings(**change)  # type: ignore[arg-type]


def test_feel_is_checked() -> None:
    with pytest.raises(ValueError, match=r"feel\.dead_zone is .*; it must lie within"):
        InputThresholds(dead_zone=1.0)


def test_settings_go_through_parameters_and_back() -> None:
    settings = TeleopSettings(device=DeviceKind.SPACEMOUSE, direct=True, path="/dev/hidraw3")
    flat = flatten(settings)
    assert flat["gamepad.axes"] == (1, 0, 4, 6, 7, 3) and flat["spacemouse.confirm"] == 1
    check_types(TeleopSettings, flat)
    assert unflatten(TeleopSettings, flat) == settings
    assert settings.layout is settings.spacemouse


YAW_ONLY = (True, True, True, False, False, True)


@pytest.mark.parametrize(
    ("twist", "gripper", "kept", "touched", "note"),
    [
        ((0.5, 0, 0, 0, 0, 0.2), 0, (0.5, 0, 0, 0, 0, 0.2), True, ""),
        ((0.5, 0, 0, 0.3, 0, 0), 0, (0.5, 0, 0, 0, 0, 0), True, "the action of this task has no roll"),
        ((0, 0, 0, 0.3, 0.1, 0), 0, STILL, False, "the action of this task has no roll and no pitch"),
        ((0, 0, 0, 0.3, 0, 0), -1, STILL, True, "the action of this task has no roll"),
    ],
)
def test_axes_that_the_action_lacks_move_nothing(
    twist: Twist6, gripper: int, kept: Twist6, touched: bool, note: str
) -> None:
    command = along(TeleopCommand(twist, gripper, True, True), YAW_ONLY)
    assert (command.twist, command.gripper, command.touched, command.note) == (kept, gripper, touched, note)
