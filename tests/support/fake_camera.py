"""Cameras for tests: one of numbers, and a software RealSense."""

import time
from typing import Any

import numpy as np

from zprl_hardware.cameras.camera import CameraLost, Frame, Intrinsics, Optics


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


class SoftwareCamera:
    """A RealSense in software: colour and depth of 64x48 at 30 Hz, 15 mm apart."""

    WIDTH, HEIGHT, BASELINE = 64, 48, 0.015
    COLOR_F, DEPTH_F = 80.0, 60.0

    def __init__(self, units: float = 0.001):
        import pyrealsense2 as rs

        self.rs, self.units, self.number, self.began_s = rs, units, 0, time.time()
        self.device = rs.software_device()
        self.device.register_info(rs.camera_info.serial_number, "123")
        self.depth = self.device.add_sensor("Stereo Module")
        self.color = self.device.add_sensor("RGB Camera")
        exposure = rs.option_range()
        exposure.min, exposure.max, exposure.step, exposure.default = 1.0, 10000.0, 1.0, 156.0
        self.color.add_option(rs.option.exposure, exposure, True)
        self.depth.add_read_only_option(rs.option.depth_units, units)
        self.depth_profile = self._stream(self.depth, rs.stream.depth, 1, rs.format.z16, 2, self.DEPTH_F)
        self.color_profile = self._stream(self.color, rs.stream.color, 2, rs.format.rgb8, 3, self.COLOR_F)
        between = rs.extrinsics()
        between.rotation, between.translation = [1, 0, 0, 0, 1, 0, 0, 0, 1], [self.BASELINE, 0, 0]
        self.depth_profile.register_extrinsics_to(self.color_profile, between)
        self.device.create_matcher(rs.matchers.dlr_c)

    def inject(self, color: Any, depth: Any = None, stamp_s: float = 0.0) -> float:
        """One frame of (48, 64, 3) RGB, and (48, 64) depth in the device's units. Returns its stamp [s].

        Stamps that are not given are a 30th of a second apart, however fast this is called: the syncer pairs by them.
        """
        self.number += 1
        stamp_s = stamp_s or self.began_s + self.number / 30
        if depth is not None:
            self.depth.on_video_frame(self._frame(depth, self.depth_profile, 2, stamp_s))
        self.color.on_video_frame(self._frame(color, self.color_profile, 3, stamp_s))
        return stamp_s

    def _stream(self, sensor: Any, kind: Any, uid: int, form: Any, bytes_: int, focal: float) -> Any:
        rs, stream = self.rs, self.rs.video_stream()
        stream.type, stream.index, stream.uid, stream.fmt, stream.bpp = kind, 0, uid, form, bytes_
        stream.width, stream.height, stream.fps = self.WIDTH, self.HEIGHT, 30
        i = rs.intrinsics()
        i.width, i.height, i.ppx, i.ppy, i.fx, i.fy = self.WIDTH, self.HEIGHT, 32.0, 24.0, focal, focal
        i.model, i.coeffs = rs.distortion.brown_conrady, [0.0] * 5
        stream.intrinsics = i
        return rs.video_stream_profile(sensor.add_video_stream(stream))

    def _frame(self, pixels: Any, profile: Any, bytes_: int, stamp_s: float) -> Any:
        frame = self.rs.software_video_frame()
        frame.pixels, frame.stride, frame.bpp, frame.profile = pixels, bytes_ * self.WIDTH, bytes_, profile
        frame.timestamp, frame.domain = stamp_s * 1e3, self.rs.timestamp_domain.system_time
        frame.frame_number, frame.depth_units = self.number, self.units if bytes_ == 2 else 0.0
        return frame
