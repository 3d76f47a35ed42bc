"""A RealSense without a camera: librealsense's software device, which simulations and tests feed with frames."""

import time
from typing import Any

import numpy as np
import pyrealsense2 as rs

from zprl_core.geometry import Matrix
from zprl_hardware.cameras.camera import Color, Depth, Intrinsics

EXPOSURE = (1.0, 10_000.0, 1.0, 156.0)  # lowest, highest, step and default of the color sensor


class SoftwareRealSense:
    """A color sensor, and a depth sensor if it has intrinsics; `RealSense` opens its `device` as a connected one.

    Distortion is left out. librealsense drops what is injected while no stream is open.
    """

    def __init__(
        self,
        color: Intrinsics,
        depth: Intrinsics | None = None,
        depth_in_color: Matrix | None = None,
        serial: str = "0",
        fps: int = 30,
        depth_units_m: float = 0.001,
    ):
        """`depth_in_color`: pose (4, 4) of the depth imager in the color imager's frame; by default both are one."""
        self.number = 0  # of injected frames
        self._units, self._began_s, self._fps = depth_units_m, time.time(), fps
        self.device = rs.software_device()
        self.device.register_info(rs.camera_info.serial_number, serial)
        self._depth, self._depth_profile = None, None
        if depth is not None:
            self._depth = self.device.add_sensor("Stereo Module")
            self._depth.add_read_only_option(rs.option.depth_units, depth_units_m)
            self._depth_profile = self._stream(self._depth, rs.stream.depth, 1, rs.format.z16, depth)
        self._color = self.device.add_sensor("RGB Camera")
        exposure = rs.option_range()
        exposure.min, exposure.max, exposure.step, exposure.default = EXPOSURE
        self._color.add_option(rs.option.exposure, exposure, True)
        self._color_profile = self._stream(self._color, rs.stream.color, 2, rs.format.rgb8, color)
        if self._depth_profile is not None:
            self._depth_profile.register_extrinsics_to(self._color_profile, _extrinsics(depth_in_color))
            self.device.create_matcher(rs.matchers.dlr_c)

    def inject(self, color: Color, depth: Depth | None = None, stamp_s: float = 0.0) -> float:
        """Give the streams RGB (h, w, 3) and depth (h, w) in the device's units. Returns the stamp [s, wall clock].

        Frames without a stamp are 1 / fps apart, however fast they are injected: the syncer pairs by stamps.
        """
        self.number += 1
        stamp_s = stamp_s or self._began_s + self.number / self._fps
        if depth is not None and self._depth is not None:
            self._depth.on_video_frame(self._frame(depth, self._depth_profile, 2, stamp_s))
        self._color.on_video_frame(self._frame(color, self._color_profile, 3, stamp_s))
        return stamp_s

    def _stream(self, sensor: Any, kind: Any, uid: int, pixels: Any, i: Intrinsics) -> Any:
        stream = rs.video_stream()
        stream.type, stream.index, stream.uid, stream.fmt = kind, 0, uid, pixels
        stream.bpp = 3 if pixels == rs.format.rgb8 else 2  # bytes
        stream.width, stream.height, stream.fps = i.width, i.height, self._fps
        optics = rs.intrinsics()
        optics.width, optics.height = i.width, i.height
        optics.ppx, optics.ppy, optics.fx, optics.fy = i.cx, i.cy, i.fx, i.fy
        optics.model, optics.coeffs = rs.distortion.brown_conrady, [0.0] * 5
        stream.intrinsics = optics
        return rs.video_stream_profile(sensor.add_video_stream(stream))

    def _frame(self, pixels: Color | Depth, profile: Any, bytes_: int, stamp_s: float) -> Any:
        frame = rs.software_video_frame()
        frame.pixels, frame.stride, frame.bpp, frame.profile = pixels, bytes_ * pixels.shape[1], bytes_, profile
        frame.timestamp, frame.domain = stamp_s * 1e3, rs.timestamp_domain.system_time
        frame.frame_number, frame.depth_units = self.number, self._units if bytes_ == 2 else 0.0
        return frame


def _extrinsics(depth_in_color: Matrix | None) -> Any:
    """Return librealsense's extrinsics, whose rotation is column-major."""
    pose, extrinsics = np.eye(4) if depth_in_color is None else depth_in_color, rs.extrinsics()
    extrinsics.rotation, extrinsics.translation = pose[:3, :3].T.ravel().tolist(), pose[:3, 3].tolist()
    return extrinsics
