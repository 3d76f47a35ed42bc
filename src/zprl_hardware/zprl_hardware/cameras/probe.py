"""Lists the cameras that are connected to this machine, for the doctor."""

import os
from dataclasses import dataclass
from pathlib import Path

SYS_VIDEO, DEV = Path("/sys/class/video4linux"), Path("/dev")


@dataclass(frozen=True)
class RealSenseThere:
    """A RealSense on the bus."""

    serial: str
    model: str
    usb: str  # such as 3.2; 2.1 is too slow for color and depth at 30 Hz


@dataclass(frozen=True)
class VideoThere:
    """A V4L2 device that delivers images."""

    path: str
    model: str
    readable: bool


def realsenses() -> list[RealSenseThere]:
    """List the connected RealSense cameras. Raises ImportError without pyrealsense2 or libusb."""
    import pyrealsense2 as rs

    def info(device: object, which: object) -> str:
        return str(device.get_info(which)) if device.supports(which) else ""  # type: ignore[attr-defined]

    return [
        RealSenseThere(
            info(device, rs.camera_info.serial_number),
            info(device, rs.camera_info.name),
            info(device, rs.camera_info.usb_type_descriptor),
        )
        for device in rs.context().query_devices()
    ]


def videos(sys: Path = SYS_VIDEO, dev: Path = DEV) -> list[VideoThere]:
    """List the V4L2 cameras. Devices with index 0 deliver images; the others of one camera deliver metadata."""
    found = []
    for entry in sorted(sys.glob("video*")):
        index, name = entry / "index", entry / "name"
        if index.exists() and index.read_text().strip() != "0":
            continue
        path = dev / entry.name
        model = name.read_text().strip() if name.exists() else "unknown"
        found.append(VideoThere(str(path), model, os.access(path, os.R_OK | os.W_OK)))
    return found
