"""Gamepad and SpaceMouse: buttons, triggers, rest, Joy topics, and the files of Linux."""

import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zprl_teleop.device import DeviceLost, DeviceRefused, ReconnectingDevice
from zprl_teleop.devices.joystick import Inputs, JoystickMapper, JoystickState, JoyTopic
from zprl_teleop.devices.linux import (
    DeviceFile,
    JoystickReader,
    SpaceMouseReader,
    find_gamepad,
    find_spacemouse,
)
from zprl_teleop.teleop_command import GAMEPAD, SPACEMOUSE, STILL, Event, InputThresholds, Layout, TeleopCommand

PLAIN = InputThresholds(0.0, 0.0)
REST = (0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0)  # triggers 2 and 5 rest at 1
LB = frozenset({4})


def pad(layout: Layout = GAMEPAD) -> JoystickMapper:
    """One that has been at rest."""
    made = JoystickMapper(layout, PLAIN)
    assert made.command(JoystickState(REST if layout is GAMEPAD else STILL)).note == ""
    return made


def axes(**changed: float) -> tuple[float, ...]:
    return tuple(changed.get(f"a{i}", value) for i, value in enumerate(REST))


def test_sticks_and_cross_of_a_gamepad() -> None:
    hand = pad().command(JoystickState((0.2, 0.1, 1.0, 0.6, 0.3, 1.0, 0.4, 0.5), LB))
    assert hand.twist == pytest.approx((0.1, 0.2, 0.3, 0.4, 0.5, 0.6)) and hand.enabled and hand.touched


def test_inverted_axes() -> None:
    layout = Layout(axes=(0, 1, -1, -1, -1, -1), invert=(True, False, False, False, False, False))
    assert pad(layout).command(JoystickState((0.5, 0.25))).twist == (-0.5, 0.25, 0, 0, 0, 0)


def test_nothing_moves_without_the_enable_button_but_buttons_ask() -> None:
    hand = pad().command(JoystickState(axes(a0=1.0, a5=-1.0), pressed=frozenset({1, 7, 9})))
    assert hand == TeleopCommand(events=(Event.ESTOP, Event.SUCCESS))


@pytest.mark.parametrize(("pulled", "gripper"), [({"a5": -1.0}, -1), ({"a2": -1.0}, 1), ({"a5": 0.0, "a2": 0.0}, 0)])
def test_triggers_close_and_open(pulled: dict[str, float], gripper: int) -> None:
    hand = pad().command(JoystickState(axes(**pulled), LB))
    assert hand.gripper == gripper and hand.touched is (gripper != 0)


def test_one_button_closes_and_opens_in_turn() -> None:
    mouse, still = pad(SPACEMOUSE), STILL
    press, held = JoystickState(still, frozenset({0}), frozenset({0})), JoystickState(still, frozenset({0}))
    told = [mouse.command(s).gripper for s in (press, held, JoystickState(still), press, held, JoystickState(still))]
    assert told == [-1, -1, 0, 1, 1, 0]
    short = JoystickState(still, pressed=frozenset({0}))  # down and up between two looks
    assert mouse.command(short).gripper == -1


def test_a_device_must_be_at_rest_once_before_it_moves_anything() -> None:
    mouse = JoystickMapper(SPACEMOUSE, InputThresholds(0.1, 0.1))
    pressed = JoystickState((0.0, 0.0, -0.9, 0.0, 0.0, 0.0), pressed=frozenset({1}))
    assert mouse.command(pressed) == TeleopCommand(events=(Event.CONFIRM,), note="let go of the device first")
    assert mouse.command(JoystickState()).note == "let go of the device first"  # nothing is known yet
    assert mouse.command(JoystickState((0.05,) * 6)) == TeleopCommand()  # within the dead zone
    assert mouse.command(pressed).touched


def test_a_button_that_was_down_before_is_no_press_and_a_short_press_is_one() -> None:
    inputs = Inputs()
    inputs.button(3, True, fresh=False)
    inputs.button(1, True)
    inputs.button(1, False)
    inputs.button(99, True)
    inputs.axis(99, 1.0)
    assert inputs.take() == JoystickState((), frozenset({3}), frozenset({1}), frozenset({3}))
    inputs.button(3, True)
    assert inputs.take() == JoystickState((), frozenset({3}), frozenset())


def joy() -> JoyTopic:
    topic = JoyTopic("spacenav/joy", "plug it in", SPACEMOUSE, PLAIN, silence_s=0.25)
    topic.push((0.0,) * 6, (), now_s=1.0)
    assert topic.read(1.0) == TeleopCommand()
    return topic


def test_a_joy_topic_is_there_while_messages_come() -> None:
    topic = JoyTopic("joy", "start joy_node", GAMEPAD, PLAIN, silence_s=0.25)
    with pytest.raises(DeviceLost, match="no messages on joy: start joy_node"):
        topic.read(0.0)
    topic.push(REST, (0,) * 11, now_s=1.0)
    topic.read(1.25)
    with pytest.raises(DeviceLost):
        topic.read(1.26)


def test_spacenav_leaves_buttons_out_of_most_messages() -> None:
    topic = joy()
    topic.push((0.5, 0, 0, 0, 0, 0), (0, 1), 1.01)
    topic.push((0.25, 0, 0, 0, 0, 0), (), 1.02)
    assert topic.read(1.02) == TeleopCommand((0.25, 0, 0, 0, 0, 0), 0, True, True, (Event.CONFIRM,))
    topic.push(STILL, (), 1.03)
    assert topic.read(1.03) == TeleopCommand()  # one press, one event
    topic.push(STILL, (0, 0), 1.04)
    topic.push(STILL, (0, 1), 1.05)
    assert topic.read(1.05).events == (Event.CONFIRM,)


def test_a_joy_topic_that_comes_back_must_rest_first_and_presses_nothing() -> None:
    topic = joy()
    topic.close()  # what the plug does after a loss
    topic.push((1.0, 0, 0, 0, 0, 0), (0, 1), 9.0)
    assert topic.read(9.0) == TeleopCommand(note="let go of the device first")
    topic.push(STILL, (0, 1), 9.1)
    topic.read(9.1)
    topic.push((1.0, 0, 0, 0, 0, 0), (0, 1), 9.2)
    assert topic.read(9.2).touched and topic.read(9.2).events == ()


def js(kind: int, number: int, value: int) -> bytes:
    return struct.pack("<IhBB", 1000, value, kind, number)


def test_events_of_linux_have_right_and_down_positive() -> None:
    inputs, reader = Inputs(), JoystickReader()
    data = js(0x82, 0, 32767) + js(0x02, 1, -32768) + js(0x81, 4, 1) + js(0x01, 5, 1) + js(0x40, 9, 9)
    reader.feed(data[:5], inputs)  # a read may end in the middle of an event
    reader.feed(data[5:], inputs)
    assert inputs.take() == JoystickState((-1.0, 1.0), frozenset({4, 5}), frozenset({5}), frozenset({4}))


def test_reports_of_a_spacemouse() -> None:
    inputs, reader = Inputs(), SpaceMouseReader()
    reader.feed(struct.pack("<B3h", 1, 35, -70, -105), inputs)  # right, from the person, up
    reader.feed(struct.pack("<B3h", 2, 140, -175, -350), inputs)
    reader.feed(bytes((3, 0b10, 0)), inputs)
    assert inputs.take() == JoystickState((0.2, -0.1, 0.3, 0.5, -0.4, 1.0), frozenset({1}), frozenset({1}))
    reader.feed(struct.pack("<B6h", 1, 0, 350, 0, 0, 0, 9999), inputs)  # newer ones tell all six at once
    reader.feed(bytes((3, 0)), inputs)
    for odd in (b"\x01", b"\x17\x64", b"\x02\x00", b"\x03"):  # cut short, battery
        reader.feed(odd, inputs)
    assert inputs.take() == JoystickState((-1.0, 0.0, 0.0, 0.0, 0.0, -1.0))


@given(st.lists(st.binary(min_size=1, max_size=600)), st.sampled_from([JoystickReader, SpaceMouseReader]))
def test_whatever_a_device_sends_is_a_hand(chunks: list[bytes], make: type) -> None:
    inputs, reader, layout = Inputs(), make(), GAMEPAD if make is JoystickReader else SPACEMOUSE
    some = JoystickMapper(layout, PLAIN)
    for chunk in chunks:
        reader.feed(chunk, inputs)
        some.command(inputs.take())  # a TeleopCommand checks itself


@given(st.lists(st.floats(width=32), max_size=80), st.lists(st.integers(), max_size=80))
def test_whatever_a_joy_message_says_is_a_hand(axes_: list[float], buttons: list[int]) -> None:
    topic = joy()
    topic.push(axes_, buttons, 1.1)
    topic.read(1.1)


def test_unplugged_and_plugged_in_again(tmp_path: Path) -> None:
    path = tmp_path / "js0"
    os.mkfifo(path)
    device = os.open(path, os.O_RDWR)
    plug = ReconnectingDevice(
        DeviceFile(lambda: find_gamepad("", tmp_path), JoystickReader, GAMEPAD, PLAIN), look_s=0.5
    )
    os.write(device, b"".join(js(0x82, n, -32767 if n in (2, 5) else 0) for n in range(8)) + js(0x81, 4, 1))
    assert plug.read(0.0) == TeleopCommand()
    os.write(device, js(0x02, 1, -32767) + js(0x01, 1, 1))
    assert plug.read(0.05) == TeleopCommand((1, 0, 0, 0, 0, 0), 0, True, True, (Event.ESTOP,))
    os.close(device)
    assert plug.read(0.1) is None and plug.problem == f"{path} has ended" and plug.losses == 1
    path.unlink()
    assert plug.read(0.59) is None and "has ended" in plug.problem  # it does not look yet
    assert plug.read(0.61) is None and plug.problem == f"no gamepad at {tmp_path}/js*: plug it in"
    os.mkfifo(path)
    device = os.open(path, os.O_RDWR)
    os.write(device, js(0x82, 1, -32767) + js(0x81, 4, 1))
    assert (
        plug.read(1.2) == TeleopCommand(note="let go of the device first") and plug.problem == "" and plug.losses == 1
    )
    os.close(device)
    plug.close()
    plug.close()


def test_a_file_that_never_ends_does_not_hold_the_loop() -> None:
    source = DeviceFile(lambda: Path("/dev/zero"), JoystickReader, GAMEPAD, PLAIN)
    plug = ReconnectingDevice(source, look_s=0.5)
    assert plug.read(0.0) is None and "is it the right file?" in plug.problem


def test_a_file_that_may_not_be_read_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr("zprl_teleop.devices.linux.os.open", refuse)
    plug = ReconnectingDevice(DeviceFile(lambda: Path("/dev/hidraw3"), SpaceMouseReader, SPACEMOUSE, PLAIN), 0.5)
    assert plug.read(0.0) is None
    assert plug.problem.startswith("/dev/hidraw3 may not be read: see docs/how-to/teleoperation.md")


def test_what_cannot_help_goes_through_the_plug() -> None:
    class NoTerminal:
        def open(self) -> None:
            raise DeviceRefused("no terminal")

        def read(self, now_s: float) -> TeleopCommand:
            raise AssertionError

        def close(self) -> None: ...

    with pytest.raises(DeviceRefused):
        ReconnectingDevice(NoTerminal(), 0.5).read(0.0)


def hidraw(folder: Path, name: str, ids: str, descriptor: bytes) -> None:
    device = folder / name / "device"
    device.mkdir(parents=True)
    (device / "uevent").write_text(f"DRIVER=hid-generic\nHID_ID={ids}\nHID_NAME=something\n")
    (device / "report_descriptor").write_bytes(descriptor)


def test_a_spacemouse_is_found_by_vendor_and_report_descriptor(tmp_path: Path) -> None:
    axes_first, mouse = b"\x05\x01\x09\x08\xa1\x01", b"\x05\x01\x09\x02\xa1\x01"
    hidraw(tmp_path, "hidraw0", "0003:0000045E:0000028E", axes_first)  # another maker
    hidraw(tmp_path, "hidraw2", "0003:0000256F:0000C652", mouse)  # the receiver's mouse
    (tmp_path / "hidraw3").mkdir()
    with pytest.raises(DeviceLost, match="no SpaceMouse among"):
        find_spacemouse("", tmp_path)
    hidraw(tmp_path, "hidraw10", "0003:0000046D:0000C626", axes_first)
    assert find_spacemouse("", tmp_path) == Path("/dev/hidraw10")
    hidraw(tmp_path, "hidraw9", "0003:0000256F:0000C635", axes_first)
    assert find_spacemouse("", tmp_path) == Path("/dev/hidraw9")
    assert find_spacemouse("/dev/hidraw77", tmp_path) == Path("/dev/hidraw77")


def test_the_first_gamepad(tmp_path: Path) -> None:
    for name in ("js10", "js2", "mouse0"):
        (tmp_path / name).touch()
    assert find_gamepad("", tmp_path) == tmp_path / "js2"
    assert find_gamepad("/dev/input/js7", tmp_path) == Path("/dev/input/js7")


def spacemouse(path: Path) -> DeviceFile:
    return DeviceFile(lambda: path, SpaceMouseReader, SPACEMOUSE, PLAIN)


def test_a_spacemouse_that_falls_asleep_while_it_is_deflected_stops_moving_the_arm(tmp_path: Path) -> None:
    path = tmp_path / "hidraw0"
    os.mkfifo(path)
    device = os.open(path, os.O_RDWR)
    plug = ReconnectingDevice(spacemouse(path), look_s=0.1)
    at_rest = struct.pack("<B6h", 1, 0, 0, 0, 0, 0, 0)
    os.write(device, at_rest)
    plug.read(0.0)
    assert plug.read(60.0) is not None and plug.problem == ""  # untouched, it sends nothing
    os.write(device, struct.pack("<B6h", 1, 0, -350, 0, 0, 0, 0))
    command = plug.read(60.1)
    assert command is not None and command.touched
    assert plug.read(60.5) is not None
    assert plug.read(60.7) is None and "asleep or out of range" in plug.problem
    command = plug.read(61.0)
    assert command is not None and not command.touched  # it must be at rest first
    os.close(device)
    plug.close()
