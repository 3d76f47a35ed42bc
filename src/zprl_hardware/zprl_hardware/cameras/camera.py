"""Frames, settings and the interface of a camera; detection of a frozen one. No driver, no ROS."""

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Protocol

import numpy as np
import numpy.typing as npt

from zprl_core.config.metadata import Range, check_ranges
from zprl_core.geometry import Matrix

Color = npt.NDArray[np.uint8]  # (height, width, 3) RGB
Depth = npt.NDArray[np.uint16]  # (height, width) [mm], 0 where it is not known

FROZEN_ROWS = 8  # every 8th row is compared to detect a frozen camera


class CameraLost(OSError):
    """The camera is not connected: retry later."""


class CameraRefused(ValueError):
    """The camera cannot meet the parameters: retrying does not help."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One image, with depth if enabled. Arrays belong to the frame: no driver writes into them."""

    color: Color
    stamp_ns: int  # wall clock, when it was taken
    number: int  # the source's own count
    depth: Depth | None = None  # in the pixels of the depth imager
    aligned: Depth | None = None  # in the pixels of `color`


@dataclass(frozen=True)
class Intrinsics:
    """A pinhole with plumb_bob distortion (k1, k2, p1, p2, k3); all but the distortion in pixels."""

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    distortion: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        if not (np.isfinite([self.fx, self.fy, self.cx, self.cy, *self.distortion]).all() and self.fx * self.fy > 0):
            raise ValueError(f"intrinsics must be finite with positive focal lengths, got {self}")
        if len(self.distortion) != 5:
            raise ValueError(f"plumb_bob has five coefficients k1 k2 p1 p2 k3, not {len(self.distortion)}")

    @property
    def k(self) -> npt.NDArray[np.float64]:
        """The (3, 3) camera matrix."""
        return np.array([[self.fx, 0.0, self.cx], [0.0, self.fy, self.cy], [0.0, 0.0, 1.0]])


@dataclass(frozen=True, eq=False)
class Optics:
    """Optical data that the camera reports itself; None where it does not."""

    color: Intrinsics | None = None
    depth: Intrinsics | None = None
    depth_in_color: Matrix | None = None  # pose of the depth imager in the color imager's optical frame [m]


class Source(Protocol):
    """Interface of a camera. Used by one thread at a time; may be reopened after close."""

    def open(self) -> None:
        """Start the streams. Raises CameraLost or CameraRefused."""

    def read(self) -> Frame | None:
        """Wait briefly for the newest frame; None if none arrived. Raises CameraLost."""

    def close(self) -> None:
        """Release the device. Never raises, and may be called twice."""

    def optics(self) -> Optics:
        """The camera's own optical data, while it is open."""


@dataclass(frozen=True)
class CameraSettings:
    """Field names are parameter names. Without `device` the camera is a RealSense."""

    name: Annotated[str, "name of this camera in topics camera/NAME/... and frames NAME_color_optical_frame"] = "front"
    serial: Annotated[
        str, "serial number of a RealSense, with a leading _ that ROS may not read a number; empty: the only one"
    ] = ""
    device: Annotated[str, "any other camera: /dev/video0, /dev/v4l/by-id/..., or a video file; empty: a RealSense"] = (
        ""
    )
    width: Annotated[int, "width of the images [px]", Range(16, 8192)] = 640
    height: Annotated[int, "height of the images [px]", Range(16, 8192)] = 480
    fps: Annotated[int, "images per second [Hz]", Range(1, 300)] = 30
    fourcc: Annotated[str, "pixel format of a V4L2 camera, for example MJPG; empty: the driver's choice"] = ""
    exposure: Annotated[float, "exposure in the driver's unit; 0: automatic", Range(0, 1e6)] = 0.0
    depth: Annotated[bool, "true: publish depth, raw and aligned to color (RealSense)"] = False
    compressed: Annotated[bool, "true: publish JPEG color and PNG depth beside the raw topics"] = False
    jpeg_quality: Annotated[int, "quality of the JPEG images", Range(1, 100)] = 90
    frozen_s: Annotated[
        float, "time of identical images after which the camera counts as frozen [s]; 0: never", Range(0, 3600)
    ] = 1.0
    lost_s: Annotated[float, "time without an image after which the camera is reopened [s]", Range(0.1, 3600)] = 2.0
    late_s: Annotated[
        float, "age on arrival beyond which an image is not published [s]; 0: any age is", Range(0, 3600)
    ] = 0.5
    retry_s: Annotated[
        float, "wait before a lost camera is reopened; doubles with each failure [s]", Range(0.01, 3600)
    ] = 0.5
    retry_max_s: Annotated[float, "longest of these waits [s]", Range(0.01, 3600)] = 5.0
    calibration: Annotated[str, "path of the calibration file; empty: none"] = ""

    def __post_init__(self) -> None:
        if not self.name.replace("_", "a").isalnum() or not self.name.isascii() or self.name[0].isdigit():
            raise ValueError(f"name is {self.name!r}; topics take letters, digits and _, and no digit first")
        if self.serial and self.device:
            raise ValueError(
                "serial and device are both set; a RealSense has a serial, any other camera a device: clear one"
            )
        if self.depth and self.device:
            raise ValueError(f"depth is on, but {self.device} gives color only; set depth to false or use a serial")
        if self.fourcc and len(self.fourcc) != 4:
            raise ValueError(f"fourcc is {self.fourcc!r}; it has four letters, for example MJPG")
        check_ranges(self)
        if 0 < self.frozen_s < 2 / self.fps:
            raise ValueError(f"frozen_s is {self.frozen_s}; at {self.fps} Hz it takes at least {2 / self.fps:.3f} s")
        if self.retry_max_s < self.retry_s:
            raise ValueError(f"retry_max_s {self.retry_max_s} is less than retry_s {self.retry_s}")

    @property
    def calibration_path(self) -> Path | None:
        """Path of the calibration file; None without one."""
        return Path(self.calibration) if self.calibration else None


class Stillness:
    """Detects a frozen camera: consecutive frames with identical pixels. Sensor noise changes every live image."""

    def __init__(self, frozen_s: float):
        self.frozen_s = frozen_s
        self._seen: int | None = None
        self._since_s = 0.0

    def frozen(self, color: Color, now_s: float) -> bool:
        """True if the image (h, w, 3) has been bit-identical for `frozen_s`."""
        if self.frozen_s == 0:
            return False
        seen = zlib.crc32(color[::FROZEN_ROWS].tobytes())
        if seen != self._seen:
            self._seen, self._since_s = seen, now_s
        return now_s - self._since_s >= self.frozen_s


class Retry:
    """Schedules attempts to reopen a camera: after `first_s`, then twice as long each time, up to `most_s`."""

    def __init__(self, first_s: float, most_s: float):
        self.first_s, self.most_s = first_s, most_s
        self.failures = 0  # in a row
        self._due_s = float("-inf")

    def due(self, now_s: float) -> bool:
        """True when the next attempt is due."""
        return now_s >= self._due_s

    def failed(self, now_s: float) -> None:
        """Record a failed attempt or a lost camera."""
        self._due_s = now_s + min(self.first_s * 2.0 ** min(self.failures, 30), self.most_s)
        self.failures += 1

    def lives(self) -> None:
        """Record a live image."""
        self.failures = 0
        self._due_s = float("-inf")


class Rate:
    """Measures frames per second over the last `window_s`."""

    def __init__(self, window_s: float = 2.0):
        self.window_s = window_s
        self._times: list[float] = []

    def tick(self, now_s: float) -> None:
        """Count a frame."""
        self._times = [t for t in self._times if now_s - t < self.window_s] + [now_s]

    def hz(self, now_s: float) -> float:
        """The rate [Hz]; 0 until two frames are in the window."""
        times = [t for t in self._times if now_s - t < self.window_s]
        return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 and times[-1] > times[0] else 0.0
