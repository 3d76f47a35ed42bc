"""A RealSense camera over librealsense's sensor API, which drives connected and software devices alike."""

import contextlib
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pyrealsense2 as rs

from zprl_core.geometry import Matrix
from zprl_hardware.cameras.camera import CameraLost, CameraRefused, CameraSettings, Depth, Frame, Intrinsics, Optics

WAIT_MS = 200
QUEUE = 4  # frames that the driver queues; all but the newest are skipped


def find_device(serial: str) -> Any:
    """Find the device with this serial number; "" means the only one. Raises CameraLost or CameraRefused."""
    devices = {d.get_info(rs.camera_info.serial_number): d for d in rs.context().query_devices()}
    there = ", ".join(sorted(devices)) or "none"
    if serial:
        if serial not in devices:
            raise CameraLost(f"no RealSense with serial {serial}; connected: {there}")
        return devices[serial]
    if len(devices) > 1:
        raise CameraRefused(f"several RealSense cameras are connected ({there}); set serial to one of them")
    if not devices:
        raise CameraLost("no RealSense is connected")
    return next(iter(devices.values()))


class RealSense:
    """A `Source` of color, and of depth in its own pixels and aligned to color."""

    def __init__(self, settings: CameraSettings, find: Callable[[str], Any] = find_device):
        self.settings, self.find = settings, find
        self._device: Any = None
        self._running: list[Any] = []
        self._optics = Optics()

    def open(self) -> None:
        """Start color, and depth if enabled. Raises CameraLost or CameraRefused."""
        try:
            self._device = self.find(self.settings.serial.removeprefix("_"))
            chosen = self._choose()
            self._syncer, self._align = rs.syncer(QUEUE), rs.align(rs.stream.color)
            for sensor, profiles in chosen:
                self._set_up(sensor, profiles)
                sensor.open(profiles)
                self._running.append(sensor)
                sensor.start(self._syncer)
        except RuntimeError as error:
            self.close()
            raise CameraLost(f"the RealSense did not start: {error}") from error
        self._optics = _optics([p for _, profiles in chosen for p in profiles])

    def read(self) -> Frame | None:
        """The newest complete frame: with depth, only matching color and depth."""
        if self._device is None:
            raise CameraLost("the RealSense is not open")
        try:
            there, frames = self._syncer.try_wait_for_frames(WAIT_MS)
            if not there:
                if not self._device.is_connected():
                    raise CameraLost("the RealSense was unplugged")
                return None
            newest = None
            while frames:
                newest = frames if self._whole(frames) else newest
                frames = self._syncer.poll_for_frames()
            return self._frame(newest) if newest is not None else None
        except RuntimeError as error:
            raise CameraLost(f"the RealSense failed: {error}") from error

    def close(self) -> None:
        """Stop the streams, also of a device that was unplugged."""
        for sensor in self._running:
            for end in (sensor.stop, sensor.close):
                with contextlib.suppress(RuntimeError):
                    end()
        self._running, self._device = [], None

    def optics(self) -> Optics:
        """The factory's calibration."""
        return self._optics

    def _choose(self) -> list[tuple[Any, list[Any]]]:
        """Select the profiles to open, by sensor. Both may be on one sensor, as on a D405."""
        wanted = [(rs.stream.color, rs.format.rgb8), (rs.stream.depth, rs.format.z16)][: 1 + self.settings.depth]
        chosen: list[tuple[Any, list[Any]]] = []
        found = set()
        for sensor in self._device.query_sensors():
            profiles = []
            for stream, form in wanted:
                fitting = [p for p in sensor.get_stream_profiles() if self._fits(p, stream, form)]
                if fitting and stream not in found:
                    profiles.append(fitting[0])
                    found.add(stream)
            if profiles:
                chosen.append((sensor, profiles))
        missing = [stream for stream, _ in wanted if stream not in found]
        if missing:
            raise self._refusal(missing[0])
        return chosen

    def _fits(self, profile: Any, stream: Any, form: Any) -> bool:
        if profile.stream_type() != stream or profile.format() != form or profile.fps() != self.settings.fps:
            return False
        video = profile.as_video_stream_profile()
        return (video.width(), video.height()) == (self.settings.width, self.settings.height)

    def _refusal(self, stream: Any) -> CameraLost | CameraRefused:
        modes = sorted(
            {
                (p.as_video_stream_profile().width(), p.as_video_stream_profile().height(), p.fps())
                for sensor in self._device.query_sensors()
                for p in sensor.get_stream_profiles()
                if p.stream_type() == stream
            }
        )
        if not modes:  # as on a device that is still booting
            return CameraLost(f"the RealSense lists no mode of {stream.name}: it is starting, or has no such sensor")
        offered = ", ".join(f"{w}x{h}@{fps}" for w, h, fps in modes)
        s = self.settings
        asked = f"{s.width}x{s.height}@{s.fps}"
        return CameraRefused(f"the RealSense does not support {stream.name} at {asked}; it supports {offered}")

    def _set_up(self, sensor: Any, profiles: list[Any]) -> None:
        """Set the exposure of the color sensor, and stamps in host time."""
        if sensor.supports(rs.option.global_time_enabled):
            sensor.set_option(rs.option.global_time_enabled, 1.0)
        if all(p.stream_type() != rs.stream.color for p in profiles):
            return
        exposure = self.settings.exposure
        if sensor.supports(rs.option.enable_auto_exposure):
            sensor.set_option(rs.option.enable_auto_exposure, float(exposure == 0))
        if exposure == 0:
            return
        if not sensor.supports(rs.option.exposure):
            raise CameraRefused("exposure is set, but the RealSense's color sensor does not support it; set it to 0")
        limits = sensor.get_option_range(rs.option.exposure)
        if not limits.min <= exposure <= limits.max:
            raise CameraRefused(f"exposure is {exposure:g}; the RealSense supports {limits.min:g}..{limits.max:g}")
        sensor.set_option(rs.option.exposure, exposure)

    def _whole(self, frames: Any) -> bool:
        return bool(frames.get_color_frame()) and (not self.settings.depth or bool(frames.get_depth_frame()))

    def _frame(self, frames: Any) -> Frame:
        color = frames.get_color_frame()
        depth = aligned = None
        if self.settings.depth:
            depth = _millimetres(frames.get_depth_frame())
            aligned = _millimetres(self._align.process(frames).get_depth_frame())
        return Frame(
            color=np.array(color.get_data(), dtype=np.uint8),
            stamp_ns=_stamp_ns(color),
            number=color.get_frame_number(),
            depth=depth,
            aligned=aligned,
        )


def _stamp_ns(frame: Any) -> int:
    """Capture time on the host's wall clock; arrival time if the device uses another clock."""
    if frame.frame_timestamp_domain == rs.timestamp_domain.hardware_clock:
        return time.time_ns()
    return round(frame.get_timestamp() * 1e3) * 1000  # a double resolves microseconds


def _millimetres(frame: Any) -> Depth:
    """Depth (h, w) as uint16 [mm]; a D405 counts in tenths."""
    raw = np.array(frame.get_data(), dtype=np.uint16)
    factor = frame.get_units() * 1000.0
    if abs(factor - 1.0) < 1e-6:
        return raw
    return np.minimum(np.rint(raw * factor), 65535.0).astype(np.uint16)


def _optics(profiles: list[Any]) -> Optics:
    by_stream = {p.stream_type(): p.as_video_stream_profile() for p in profiles}
    color, depth = by_stream[rs.stream.color], by_stream.get(rs.stream.depth)
    if depth is None:
        return Optics(_intrinsics(color))
    return Optics(_intrinsics(color), _intrinsics(depth), _matrix(depth.get_extrinsics_to(color)))


def _intrinsics(profile: Any) -> Intrinsics:
    i = profile.get_intrinsics()
    k1, k2, p1, p2, k3 = i.coeffs
    return Intrinsics(i.width, i.height, i.fx, i.fy, i.ppx, i.ppy, (k1, k2, p1, p2, k3))


def _matrix(extrinsics: Any) -> Matrix:
    """The pose (4, 4) from librealsense's extrinsics, whose rotation is column-major."""
    matrix = np.eye(4)
    matrix[:3, :3] = np.array(extrinsics.rotation).reshape(3, 3).T
    matrix[:3, 3] = extrinsics.translation
    return matrix
