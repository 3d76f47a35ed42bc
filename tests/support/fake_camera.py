"""Cameras for tests: one of numbers, and a software RealSense."""

import time
from typing import TYPE_CHECKING

import numpy as np

from zprl_hardware.cameras.camera import CameraLost, Frame, Intrinsics, Optics

if TYPE_CHECKING:  # needs librealsense
    from zprl_hardware.cameras.software_realsense import SoftwareRealSense


class Scripted:
    """A source that gives what `script` says: "new", "same", "none", "lost"; the last word goes on."""

    def __init__(self, *script: str):
        self.script = list(script)
        self.present = True
        self.opened = self.closed = self.number = self.shade = 0

    def open(self) -> None:
        if not self.present:
            raise CameraLost("no camera")
        self.opened += 1

    def read(self) -> Frame | None:
        word = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if word == "lost" or not self.present:
            raise CameraLost("unplugged")
        if word == "none":
            return None
        self.number += 1
        self.shade += word == "new"
        return Frame(np.full((48, 64, 3), self.shade % 251, np.uint8), time.time_ns(), self.number)

    def close(self) -> None:
        self.closed += 1

    def optics(self) -> Optics:
        return Optics(Intrinsics(64, 48, 80.0, 80.0, 32.0, 24.0))


def software_camera(depth_units_m: float = 0.001) -> "SoftwareRealSense":
    """A RealSense in software: color and depth of 64x48 at 30 Hz, 15 mm apart."""
    from zprl_hardware.cameras.software_realsense import SoftwareRealSense

    color, depth = (Intrinsics(64, 48, focal, focal, 32.0, 24.0) for focal in (80.0, 60.0))
    depth_in_color = np.eye(4)
    depth_in_color[0, 3] = 0.015
    return SoftwareRealSense(color, depth, depth_in_color, serial="123", depth_units_m=depth_units_m)
