"""Cameras that OpenCV opens: UVC and other V4L2 devices, and for playback video files and image sequences."""

import glob
import math
import os
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from zprl_core.host.processes import device_trouble
from zprl_hardware.cameras.camera import CameraLost, CameraRefused, CameraSettings, Frame, Optics

MANUAL_EXPOSURE, AUTO_EXPOSURE = 1.0, 3.0  # V4L2_EXPOSURE_MANUAL, V4L2_EXPOSURE_APERTURE_PRIORITY
SELECT_TIMEOUT = "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"  # [s]; OpenCV reads it once and has no property for it
SAME = 0.05  # relative tolerance of a device's value, for example 29.97 for 30


class V4l2:
    """A `Source` of color only."""

    def __init__(self, settings: CameraSettings):
        self.settings = settings
        self.is_device = settings.device.startswith("/dev/")
        self._capture: Any = None
        self._number = 0
        self._due_s = 0.0  # time of a file's next image

    def open(self) -> None:
        """Start the stream. Raises CameraLost or CameraRefused."""
        device = self.settings.device
        if self.is_device and not os.path.exists(device):
            there = ", ".join(sorted(glob.glob("/dev/video*"))) or "none"
            raise CameraLost(f"{device} does not exist; video devices: {there}")
        if not self.is_device and "%" not in device and not os.path.isfile(device):
            raise CameraRefused(f"device is {device!r}: neither /dev/... nor a video file")
        os.environ.setdefault(SELECT_TIMEOUT, str(max(1, math.ceil(2 / self.settings.fps))))
        self._capture = cv2.VideoCapture(device, cv2.CAP_V4L2 if self.is_device else cv2.CAP_ANY)
        if not self._capture.isOpened():
            self.close()
            raise CameraLost(f"{device} does not open: {self._trouble()}")
        if self.is_device:
            self._ask()
        self._check()
        self._due_s = time.monotonic()

    def read(self) -> Frame | None:
        """The next image. OpenCV queues at most one where the driver allows it."""
        if self._capture is None:
            raise CameraLost(f"{self.settings.device} is not open")
        if not self.is_device:
            time.sleep(max(0.0, self._due_s - time.monotonic()))
            self._due_s = max(self._due_s + 1.0 / self.settings.fps, time.monotonic())
        if not self._capture.grab():
            raise CameraLost(f"{self.settings.device} delivers no more images: unplugged, or end of file")
        stamp_ns = time.time_ns()
        decoded, picture = self._capture.retrieve()
        if not decoded:
            return None
        self._number += 1
        return Frame(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), dtype=np.uint8), stamp_ns, self._number)

    def close(self) -> None:
        """Release the device."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def optics(self) -> Optics:
        """Empty: V4L2 reports no intrinsics; they come from the calibration file."""
        return Optics()

    def _ask(self) -> None:
        s, capture = self.settings, self._capture
        if s.fourcc:
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*s.fourcc))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, s.width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, s.height)
        capture.set(cv2.CAP_PROP_FPS, s.fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        capture.set(cv2.CAP_PROP_AUTO_EXPOSURE, MANUAL_EXPOSURE if s.exposure else AUTO_EXPOSURE)
        if s.exposure and not capture.set(cv2.CAP_PROP_EXPOSURE, s.exposure):
            raise self._refusal(f"{s.device} does not accept exposure {s.exposure:g}; set it to 0 for automatic")

    def _check(self) -> None:
        s, capture = self.settings, self._capture
        size = (int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)))
        if size != (s.width, s.height):
            raise self._refusal(f"requested {s.width}x{s.height} from {s.device}, it delivers {size[0]}x{size[1]}")
        if self.is_device:
            self._check_mode()

    def _check_mode(self) -> None:
        """Check the mode, which drivers may change. Values that a driver does not report (0 or less) are skipped."""
        s, get = self.settings, self._capture.get
        fps, code, mode, exposure = (
            get(p) for p in (cv2.CAP_PROP_FPS, cv2.CAP_PROP_FOURCC, cv2.CAP_PROP_AUTO_EXPOSURE, cv2.CAP_PROP_EXPOSURE)
        )
        if s.fourcc and code > 0 and (letters := _letters(int(code))) != s.fourcc:
            raise self._refusal(f"requested fourcc {s.fourcc} from {s.device}, it delivers {letters}")
        if fps > 0 and abs(fps - s.fps) > SAME * s.fps:
            hint = "request that, or change size or fourcc"
            raise self._refusal(
                f"requested {s.fps} Hz from {s.device}, it delivers {fps:g} at {s.width}x{s.height}; {hint}"
            )
        if s.exposure and (mode == AUTO_EXPOSURE or (exposure > 0 and abs(exposure - s.exposure) > SAME * s.exposure)):
            is_ = "automatic" if mode == AUTO_EXPOSURE else f"{exposure:g}"
            raise self._refusal(f"requested exposure {s.exposure:g} from {s.device}, it stays at {is_}")
        if not s.exposure and mode == MANUAL_EXPOSURE:
            raise self._refusal(f"{s.device} stays at manual exposure ({exposure:g}); set exposure")

    def _trouble(self) -> str:
        if not self.is_device:
            return "not a video that OpenCV can read"
        return device_trouble(Path(self.settings.device), "video")

    def _refusal(self, why: str) -> CameraRefused:
        self.close()
        return CameraRefused(why)


def _letters(code: int) -> str:
    """The name of a pixel format."""
    return "".join(chr(code >> shift & 0xFF) for shift in (0, 8, 16, 24))
