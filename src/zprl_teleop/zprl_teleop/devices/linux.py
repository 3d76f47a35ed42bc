"""Reads gamepad and SpaceMouse from Linux device files, for machines without ROS's driver nodes. No ROS.

/dev/input/js* delivers events of 8 bytes (linux/joystick.h), /dev/hidraw* the SpaceMouse's own reports.
"""

import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from zprl_teleop.device import DeviceLost
from zprl_teleop.devices.joystick import Inputs, JoystickMapper
from zprl_teleop.teleop_command import InputThresholds, Layout, TeleopCommand

INPUT = Path("/dev/input")
HIDRAW = Path("/sys/class/hidraw")
MOST_READS = 1000  # per tick: devices send less, and an endless file must not block the loop

JS_EVENT = struct.Struct("<IhBB")  # time [ms], value, kind, number
JS_BUTTON, JS_AXIS, JS_FIRST = 0x01, 0x02, 0x80  # JS_FIRST: as it was when the file was opened
JS_FULL = 32767.0

LOGITECH, CONNEXION = 0x046D, 0x256F  # vendors of SpaceMice; both make other devices too
MULTI_AXIS = b"\x05\x01\x09\x08"  # start of the report descriptor of a SpaceMouse, and of no other device of theirs
HID_FULL = 350.0
TRANSLATION, ROTATION, BUTTONS = 1, 2, 3
FEW_BUTTONS = 48
ASLEEP_S = 0.5  # a deflected SpaceMouse reports many times a second


class Reader(Protocol):
    """Parses the bytes of one read from a device file."""

    repeats: bool  # the device reports again and again while it is deflected

    def feed(self, chunk: bytes, inputs: Inputs) -> None:
        """Update `inputs`. Unknown data is skipped."""


class JoystickReader:
    """Parses events of /dev/input/js*."""

    repeats = False

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes, inputs: Inputs) -> None:
        """Update `inputs`. Linux has right and down positive, ROS left and up."""
        data = self._rest + chunk
        whole = len(data) // JS_EVENT.size * JS_EVENT.size
        self._rest = data[whole:]
        for _, value, kind, number in JS_EVENT.iter_unpack(data[:whole]):
            if kind & ~JS_FIRST == JS_AXIS:
                inputs.axis(number, max(-1.0, min(1.0, -value / JS_FULL)))
            elif kind & ~JS_FIRST == JS_BUTTON:
                inputs.button(number, bool(value), fresh=not kind & JS_FIRST)


class SpaceMouseReader:
    """Parses reports of a SpaceMouse: one of 13 bytes for six axes, or one for each three."""

    repeats = True

    def feed(self, chunk: bytes, inputs: Inputs) -> None:
        """Update `inputs`. The device's axes point right, to the user and down; ours forward, left and up."""
        kind, body = chunk[0], chunk[1:]
        if kind == TRANSLATION and len(body) >= 12:
            self._three(body[:6], 0, inputs)
            self._three(body[6:12], 3, inputs)
        elif kind in (TRANSLATION, ROTATION) and len(body) >= 6:
            self._three(body[:6], 3 * (kind - TRANSLATION), inputs)
        elif kind == BUTTONS:
            held = int.from_bytes(body, "little")
            for number in range(min(8 * len(body), FEW_BUTTONS)):
                inputs.button(number, bool(held >> number & 1))

    def _three(self, body: bytes, first: int, inputs: Inputs) -> None:
        right, near, down = struct.unpack("<3h", body)
        for i, value in enumerate((-near, -right, -down)):
            inputs.axis(first + i, max(-1.0, min(1.0, value / HID_FULL)))


class DeviceFile:
    """A teleoperation device that is read from its device file."""

    def __init__(self, find: Callable[[], Path], reader: Callable[[], Reader], layout: Layout, feel: InputThresholds):
        self._find, self._make_reader = find, reader
        self._layout, self._feel = layout, feel
        self._file = -1
        self._path = Path()
        self._heard_s = float("-inf")  # when the device last sent something

    def open(self) -> None:
        """Raises DeviceLost when the file does not exist or may not be read."""
        self._path = self._find()
        try:
            self._file = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK)
        except PermissionError:
            raise DeviceLost(f"{self._path} may not be read: see docs/how-to/teleoperation.md, udev rules") from None
        except OSError as error:
            raise DeviceLost(f"{self._path}: {error.strerror}") from None
        self._inputs, self._pad, self._reader = Inputs(), JoystickMapper(self._layout, self._feel), self._make_reader()

    def read(self, now_s: float) -> TeleopCommand:
        """Everything received since the last read."""
        for _ in range(MOST_READS):
            try:
                chunk = os.read(self._file, 64 * JS_EVENT.size)
            except BlockingIOError:
                state = self._inputs.take()
                if self._reader.repeats and any(state.axes) and now_s - self._heard_s > ASLEEP_S:
                    raise DeviceLost(
                        f"{self._path} is deflected, but has sent nothing for {ASLEEP_S:g} s: it is asleep or out of "
                        f"range; switch it off and on"
                    ) from None
                return self._pad.command(state)
            except OSError as error:
                return self._last(f"{self._path} was unplugged ({error.strerror})")
            if not chunk:
                return self._last(f"{self._path} has ended")
            self._heard_s = now_s
            self._reader.feed(chunk, self._inputs)
        raise DeviceLost(f"{self._path} sends more data than an input device can; is it the right file?")

    def _last(self, why: str) -> TeleopCommand:
        """The emergency stop, if pressed since the last read. Otherwise, and next time, raises DeviceLost."""
        if stops := self._pad.stops(self._inputs.take()):
            return TeleopCommand(events=stops)
        raise DeviceLost(why)

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def find_gamepad(path: str, folder: Path = INPUT) -> Path:
    """The device file of a gamepad. Raises DeviceLost when there is none."""
    if path:
        return Path(path)
    found = sorted(folder.glob("js*"), key=lambda each: (len(each.name), each.name))
    if not found:
        raise DeviceLost(f"no gamepad at {folder}/js*: plug it in")
    return found[0]


def find_spacemouse(path: str, folder: Path = HIDRAW) -> Path:
    """The device file of a SpaceMouse, found by vendor and report descriptor. Raises DeviceLost when there is none."""
    if path:
        return Path(path)
    for each in sorted(folder.glob("hidraw*"), key=lambda entry: (len(entry.name), entry.name)):
        if _is_spacemouse(each / "device"):
            return Path("/dev") / each.name
    raise DeviceLost("no SpaceMouse among /dev/hidraw*: plug it in")


def _is_spacemouse(device: Path) -> bool:
    try:
        lines = (device / "uevent").read_text().splitlines()
        descriptor = (device / "report_descriptor").read_bytes()
    except OSError:
        return False
    ids = next((line for line in lines if line.startswith("HID_ID=")), "")  # HID_ID=0003:0000256F:0000C635
    vendor = int(ids.split(":")[1], 16) if ids.count(":") == 2 else 0
    return vendor in (LOGITECH, CONNEXION) and descriptor.startswith(MULTI_AXIS)
