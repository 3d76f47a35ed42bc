"""Whether the SpaceMouse or the gamepad is there, whether this user may read it, and whether it is alive."""

import fcntl
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from zprl_cli.doctor.check import Finding, fail, ok, skipped, warn
from zprl_cli.doctor.device_motion import moved

MOVE_S = 15.0  # for a person to move a device
INPUT = "SpaceMouse"
SYS_HID, SYS_INPUT, DEV = Path("/sys/class/hidraw"), Path("/sys/class/input"), Path("/dev")
VENDORS = (0x256F, 0x046D)  # 3Dconnexion, and Logitech, whose it was; both make other things too
MULTI_AXIS = b"\x05\x01\x09\x08"  # how the report descriptor of a SpaceMouse begins, and of nothing else they make
JOY_EVENT = struct.Struct("IhBB")  # time, value, type, number
RULE = (
    'put into /etc/udev/rules.d/70-zprl.rules: KERNEL=="hidraw*", ATTRS{idVendor}=="256f", MODE="0660", '
    'TAG+="uaccess"  (046d for one with the name Logitech); then sudo udevadm control --reload && '
    "sudo udevadm trigger, and plug it in again"
)
NO_HID = "it is no HID raw device"
REPLUG = "see what it is (ls -l; sudo lsof), and plug the SpaceMouse in again"
NOBODY, PLUG = "neither SpaceMouse nor gamepad is there", "plug one in (look at lsusb), or use the keyboard"
ASLEEP = "switch it on, charge it, or pair it with its receiver again; then move it while the doctor asks"
HIDIOCGRDESCSIZE = 0x80044801  # linux/hidraw.h: every raw HID device answers it, and nothing else does
GROUP = "sudo usermod -aG input $USER, and log in again"


@dataclass(frozen=True)
class Device:
    """A SpaceMouse or a gamepad. `trouble`: why it cannot be read."""

    path: str
    model: str
    is_mouse: bool
    trouble: str = ""


def look(needed: bool) -> Iterator[Finding]:
    """`needed`: at a real arm a person wants one."""
    yield from judge([*spacemice(), *gamepads()], needed)


def judge(devices: Sequence[Device], needed: bool) -> Iterator[Finding]:
    """One finding for each. A receiver is there, and may be read, while its mouse is off: nothing more is said."""
    for device in devices:
        found = f"{device.model} at {device.path}"
        if device.trouble:
            yield warn(_name(device), f"{found}: {device.trouble}", _remedy(device))
        else:
            yield ok(_name(device), f"{found} is there and may be read; --move-device sees whether it is alive")
    if not devices:
        yield warn(INPUT, NOBODY, PLUG) if needed else skipped(INPUT, NOBODY)


def look_moved(seconds: float, devices: Sequence[Device] | None = None) -> Iterator[Finding]:
    """Green only what a person moves within that time. `devices`: those of this machine."""
    devices = [*spacemice(), *gamepads()] if devices is None else devices
    readable = [device for device in devices if not device.trouble]
    for device in devices:
        if device.trouble:
            yield from judge([device], needed=True)
    alive = moved({device.path: device.is_mouse for device in readable}, seconds)
    for device in readable:
        found = f"{device.model} at {device.path}"
        if device.path in alive:
            yield ok(_name(device), f"{found} is alive: it was moved")
        else:
            yield fail(_name(device), f"{found} said nothing within {seconds:g} s", ASLEEP)
    if not devices:
        yield fail(INPUT, NOBODY, PLUG)


def _name(device: Device) -> str:
    return INPUT if device.is_mouse else "gamepad"


def _remedy(device: Device) -> str:
    if device.trouble == NO_HID:
        return REPLUG
    return RULE if device.is_mouse else GROUP


def spacemice(sys: Path = SYS_HID, dev: Path = DEV) -> list[Device]:
    """By vendor and kind of reports, from what the kernel says of each HID device."""
    found = []
    for entry in sorted(sys.glob("hidraw*")):
        said = dict(line.partition("=")[::2] for line in (entry / "device" / "uevent").read_text().splitlines())
        if is_spacemouse(said.get("HID_ID", ""), (entry / "device" / "report_descriptor").read_bytes()):
            path = dev / entry.name
            found.append(Device(str(path), said.get("HID_NAME", "SpaceMouse"), True, trouble_of_mouse(path)))
    return found


def gamepads(sys: Path = SYS_INPUT, dev: Path = DEV / "input") -> list[Device]:
    """Whatever the kernel calls a joystick; a SpaceMouse is none here."""
    found = []
    for entry in sorted(sys.glob("js*")):
        name = entry / "device" / "name"
        model = name.read_text().strip() if name.exists() else "joystick"
        if "3dconnexion" not in model.lower():
            path = dev / entry.name
            found.append(Device(str(path), model, False, trouble_of(path, JOY_EVENT.size)))
    return found


def is_spacemouse(hid_id: str, descriptor: bytes) -> bool:
    """`hid_id`: bus:vendor:product in hexadecimal, such as 0003:0000256F:0000C635."""
    parts = hid_id.split(":")
    return len(parts) == 3 and int(parts[1], 16) in VENDORS and descriptor.startswith(MULTI_AXIS)


def trouble_of_mouse(path: Path) -> str:
    """Why it cannot be read; "" when it can, and is what it should be. A mouse that is left alone says nothing."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        return error.strerror or str(error)
    try:
        fcntl.ioctl(descriptor, HIDIOCGRDESCSIZE, bytes(4))
    except OSError:
        return NO_HID
    finally:
        os.close(descriptor)
    return ""


def trouble_of(path: Path, first_bytes: int = 0) -> str:
    """Why it cannot be read; "" when it can. A joystick tells its state at once: so many bytes must come."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        return error.strerror or str(error)
    try:
        return "" if not first_bytes or len(os.read(descriptor, first_bytes)) == first_bytes else "it says nothing"
    except OSError as error:
        return error.strerror or str(error)
    finally:
        os.close(descriptor)
