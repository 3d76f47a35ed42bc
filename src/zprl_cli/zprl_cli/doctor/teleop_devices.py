"""Checks that a SpaceMouse or gamepad is connected, readable and alive."""

import fcntl
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from zprl_cli.doctor.check import Finding, fail, ok, skipped, warn
from zprl_cli.doctor.device_motion import moved

MOVE_S = 15.0  # time for the user to move a device
INPUT = "SpaceMouse"
SYS_HID, SYS_INPUT, DEV = Path("/sys/class/hidraw"), Path("/sys/class/input"), Path("/dev")
VENDORS = (0x256F, 0x046D)  # 3Dconnexion and Logitech; both make other devices too
MULTI_AXIS = b"\x05\x01\x09\x08"  # start of the report descriptor of a SpaceMouse, and of no other device of theirs
JOY_EVENT = struct.Struct("IhBB")  # time, value, type, number
RULE = (
    'put into /etc/udev/rules.d/70-zprl.rules: KERNEL=="hidraw*", ATTRS{idVendor}=="256f", MODE="0660", '
    'TAG+="uaccess"  (046d for one with the name Logitech); then sudo udevadm control --reload && '
    "sudo udevadm trigger, and plug it in again"
)
NO_HID = "it is not a HID raw device"
REPLUG = "check the file (ls -l; sudo lsof), and plug the SpaceMouse in again"
MISSING, PLUG = "no SpaceMouse and no gamepad found", "plug one in (see lsusb), or use the keyboard"
ASLEEP = "switch it on, charge it, or pair it with its receiver again; then move it while the doctor asks"
HIDIOCGRDESCSIZE = 0x80044801  # linux/hidraw.h: answered by raw HID devices only
GROUP = "sudo usermod -aG input $USER, and log in again"


@dataclass(frozen=True)
class Device:
    """A SpaceMouse or a gamepad. `trouble`: the reason why it cannot be read."""

    path: str
    model: str
    is_mouse: bool
    trouble: str = ""


def look(needed: bool) -> Iterator[Finding]:
    """Check the connected devices. `needed`: true at a real arm."""
    yield from judge([*spacemice(), *gamepads()], needed)


def judge(devices: Sequence[Device], needed: bool) -> Iterator[Finding]:
    """Judge each device. A receiver is readable even while its mouse is off, so this does not show that it is alive."""
    for device in devices:
        found = f"{device.model} at {device.path}"
        if device.trouble:
            yield warn(_name(device), f"{found}: {device.trouble}", _remedy(device))
        else:
            yield ok(_name(device), f"{found} is readable; --move-device checks that it is alive")
    if not devices:
        yield warn(INPUT, MISSING, PLUG) if needed else skipped(INPUT, MISSING)


def look_moved(seconds: float, devices: Sequence[Device] | None = None) -> Iterator[Finding]:
    """Check that each device is moved within the time. `devices`: those of this machine."""
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
            yield fail(_name(device), f"{found} sent nothing within {seconds:g} s", ASLEEP)
    if not devices:
        yield fail(INPUT, MISSING, PLUG)


def _name(device: Device) -> str:
    return INPUT if device.is_mouse else "gamepad"


def _remedy(device: Device) -> str:
    if device.trouble == NO_HID:
        return REPLUG
    return RULE if device.is_mouse else GROUP


def spacemice(sys: Path = SYS_HID, dev: Path = DEV) -> list[Device]:
    """Find SpaceMice by vendor and report descriptor, as the kernel lists them."""
    found = []
    for entry in sorted(sys.glob("hidraw*")):
        said = dict(line.partition("=")[::2] for line in (entry / "device" / "uevent").read_text().splitlines())
        if is_spacemouse(said.get("HID_ID", ""), (entry / "device" / "report_descriptor").read_bytes()):
            path = dev / entry.name
            found.append(Device(str(path), said.get("HID_NAME", "SpaceMouse"), True, trouble_of_mouse(path)))
    return found


def gamepads(sys: Path = SYS_INPUT, dev: Path = DEV / "input") -> list[Device]:
    """Find the kernel's joysticks, without SpaceMice."""
    found = []
    for entry in sorted(sys.glob("js*")):
        name = entry / "device" / "name"
        model = name.read_text().strip() if name.exists() else "joystick"
        if "3dconnexion" not in model.lower():
            path = dev / entry.name
            found.append(Device(str(path), model, False, trouble_of(path, JOY_EVENT.size)))
    return found


def is_spacemouse(hid_id: str, descriptor: bytes) -> bool:
    """Parse bus:vendor:product in hexadecimal, such as 0003:0000256F:0000C635."""
    parts = hid_id.split(":")
    return len(parts) == 3 and int(parts[1], 16) in VENDORS and descriptor.startswith(MULTI_AXIS)


def trouble_of_mouse(path: Path) -> str:
    """The reason why a SpaceMouse cannot be read; "" if it can. A mouse at rest sends nothing."""
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
    """The reason why a joystick cannot be read; "" if it can. It sends its state at once: so many bytes must arrive."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        return error.strerror or str(error)
    try:
        return "" if not first_bytes or len(os.read(descriptor, first_bytes)) == first_bytes else "it sends nothing"
    except OSError as error:
        return error.strerror or str(error)
    finally:
        os.close(descriptor)
