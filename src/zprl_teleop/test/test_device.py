"""The emergency stop of a gamepad: it counts whenever it is seen down, heard late or not at all."""

import os
import struct
from pathlib import Path

import pytest

from zprl_teleop.device import DeviceLost, ReconnectingDevice
from zprl_teleop.devices.joystick import JoyTopic
from zprl_teleop.devices.linux import DeviceFile, JoystickReader
from zprl_teleop.teleop_command import GAMEPAD, Event, InputThresholds, TeleopCommand

PLAIN = InputThresholds(0.0, 0.0)
REST = (0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0)  # triggers 2 and 5 rest at 1


def js(kind: int, number: int, value: int) -> bytes:
    return struct.pack("<IhBB", 1000, value, kind, number)


def buttons(*down: int) -> tuple[int, ...]:
    return tuple(int(number in down) for number in range(11))


def gamepad() -> JoyTopic:
    """That rests, with nothing pressed, at 1.0 s."""
    topic = JoyTopic("joy", "start joy_node", GAMEPAD, PLAIN, silence_s=0.25)
    topic.push(REST, buttons(), 1.0)
    assert topic.read(1.0) == TeleopCommand()
    return topic


def test_an_emergency_stop_counts_when_the_press_itself_was_not_heard() -> None:
    """Button 1 is the stop, 7 a label. It counts once a press, and anew after a gap."""
    topic = gamepad()
    asked = []
    for now_s, down in ((1.3, (1, 7)), (1.35, (1, 7)), (1.7, (1, 7)), (1.75, ()), (1.8, (1,))):
        topic.push(REST, buttons(*down), now_s)
        asked.append(topic.read(now_s + 0.01).events)
    assert asked == [(Event.ESTOP,), (), (Event.ESTOP,), (), (Event.ESTOP,)]


def test_an_emergency_stop_before_a_gap_counts_though_nobody_looked_in_time() -> None:
    late, stalled = gamepad(), gamepad()
    late.push(REST, buttons(1, 7), 1.01)
    assert late.read(1.5) == TeleopCommand(events=(Event.ESTOP,))
    with pytest.raises(DeviceLost):
        late.read(1.51)
    stalled.push(REST, buttons(1), 1.01)
    stalled.push(REST, buttons(), 1.4)
    assert stalled.read(1.4).events == (Event.ESTOP,)


@pytest.mark.parametrize("kind", [0x81, 0x01])  # down when the file is opened; pressed
def test_an_emergency_stop_on_a_device_that_goes_or_comes_counts(kind: int, tmp_path: Path) -> None:
    path = tmp_path / "js0"
    os.mkfifo(path)
    device = os.open(path, os.O_RDWR)
    plug = ReconnectingDevice(DeviceFile(lambda: path, JoystickReader, GAMEPAD, PLAIN), look_s=0.5)
    assert plug.read(0.0) == TeleopCommand(note="let go of the device first")
    os.write(device, js(kind, 1, 1) + js(0x01, 7, 1))
    os.close(device)
    assert plug.read(0.05) == TeleopCommand(events=(Event.ESTOP,))
    assert plug.read(0.1) is None and plug.problem == f"{path} has ended"
