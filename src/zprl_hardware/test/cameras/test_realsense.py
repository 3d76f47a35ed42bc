"""The RealSense source on a real software device of pyrealsense2: no camera, but librealsense's own code."""

import time
from typing import Any

import numpy as np
import pytest

pytest.importorskip("pyrealsense2", reason="no wheel here, or libusb-1.0-0 is missing", exc_type=ImportError)

import pyrealsense2 as rs

from fake_camera import software_camera
from zprl_hardware.cameras.camera import CameraLost, CameraRefused, CameraSettings, Frame
from zprl_hardware.cameras.grabber import Grabber
from zprl_hardware.cameras.realsense import RealSense, find_device
from zprl_hardware.cameras.software_realsense import SoftwareRealSense

SETTINGS = CameraSettings(serial="123", width=64, height=48, depth=True)


def picture(shade: int) -> Any:
    return np.full((48, 64, 3), (shade, 2, 3), np.uint8)


def wall(millimetres: int = 1000) -> Any:
    """A wall with a box of 10x10 pixels half as far before it."""
    depth = np.full((48, 64), millimetres, np.uint16)
    depth[20:30, 20:30] = millimetres // 2
    return depth


def pump(source: RealSense, camera: SoftwareRealSense, depth: Any = None) -> tuple[list[Frame], list[float]]:
    """Inject six frames and read what comes: the first color and depth come apart, the others in pairs."""
    frames, stamps = [], []
    for i in range(6):
        stamps.append(camera.inject(picture(i), depth))
        frame = source.read()
        if frame is not None:
            frames.append(frame)
    return frames, stamps


def opened(camera: SoftwareRealSense, settings: CameraSettings = SETTINGS) -> RealSense:
    source = RealSense(settings, lambda serial: camera.device)
    source.open()
    return source


def test_colour_alone() -> None:
    camera = software_camera()
    source = opened(camera, CameraSettings(width=64, height=48))
    frames, stamps = pump(source, camera)
    source.close()
    assert len(frames) >= 4
    assert frames[0].color.shape == (48, 64, 3) and frames[0].color.dtype == np.uint8
    for frame in frames:
        assert tuple(frame.color[0, 0]) == (frame.number - 1, 2, 3)  # RGB, and the array is the frame's own
        assert frame.depth is None and frame.aligned is None
        assert abs(frame.stamp_ns - stamps[frame.number - 1] * 1e9) < 2000  # a microsecond, in a double


def test_depth_is_aligned_to_the_pixels_of_colour() -> None:
    """A point at depth z: u_c = f_c (x + b) / z + 32, u_d = f_d x / z + 32, with f_c 80, f_d 60, b 0.015 m.

    The wall at 1 m: u_c = 80/60 (u_d - 32) + 32 + 1.2. The box at 0.5 m, u_d 20..30: u_c = 18.4..31.7.
    """
    camera = software_camera()
    source = opened(camera)
    frames, _ = pump(source, camera, wall())
    source.close()
    assert len(frames) >= 2
    depth, aligned = frames[-1].depth, frames[-1].aligned
    assert depth is not None and aligned is not None
    np.testing.assert_array_equal(depth, wall())
    assert aligned.shape == frames[-1].color.shape[:2] and aligned.dtype == np.uint16
    row = aligned[24]
    near = np.flatnonzero(row == 500)
    assert abs(near[0] - 18.4) <= 1.5 and abs(near[-1] - 31.7) <= 1.5
    assert row[40] == 1000


def test_a_device_that_counts_in_tenths_of_a_millimetre() -> None:
    camera = software_camera(depth_units_m=0.0001)
    source = opened(camera)
    frames, _ = pump(source, camera, wall(10004))
    source.close()
    depth = frames[-1].depth
    assert depth is not None and depth[0, 0] == 1000 and depth[25, 25] == 500


def test_what_the_camera_knows_about_itself() -> None:
    camera = software_camera()
    source = opened(camera)
    optics = source.optics()
    source.close()
    assert optics.color is not None and (optics.color.fx, optics.color.cx) == (80.0, 32.0)
    assert optics.depth is not None and optics.depth.fx == 60.0
    assert optics.depth_in_color is not None
    assert optics.depth_in_color[:3, 3] == pytest.approx([0.015, 0.0, 0.0])


def test_exposure_reaches_the_sensor() -> None:
    camera = software_camera()
    source = opened(camera, CameraSettings(width=64, height=48, exposure=200.0))
    color = next(s for s in camera.device.query_sensors() if s.supports(rs.option.exposure))
    assert color.get_option(rs.option.exposure) == 200.0
    source.close()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (CameraSettings(width=640, height=480), "color at 640x480@30; it supports 64x48@30"),
        (CameraSettings(width=64, height=48, fps=60), "color at 64x48@60; it supports 64x48@30"),
        (CameraSettings(width=64, height=48, exposure=1e5), "exposure is 100000; the RealSense supports 1..10000"),
    ],
)
def test_what_the_device_cannot_do_is_one_clear_line(settings: CameraSettings, words: str) -> None:
    with pytest.raises(CameraRefused, match=r"^[^\n]*$") as error:
        opened(software_camera(), settings)
    assert words in str(error.value)


def test_a_device_that_is_still_booting_names_no_modes_and_is_waited_for() -> None:
    class Booting:
        def query_sensors(self) -> list[Any]:
            return []

    with pytest.raises(CameraLost, match="lists no mode of color: it is starting, or has no such sensor"):
        RealSense(SETTINGS, lambda serial: Booting()).open()


def test_a_serial_that_is_not_connected() -> None:
    with pytest.raises(CameraLost, match="no RealSense with serial 000000000000; connected: "):
        find_device("000000000000")


def test_unplugged_and_back_as_another_device() -> None:
    """A software device that falls silent stands for a pulled cable; a new one for the camera that comes back."""
    devices = [software_camera()]

    def find(serial: str) -> Any:
        if not devices:
            raise CameraLost(f"no RealSense with serial {serial}")
        return devices[0].device

    settings = CameraSettings(serial="123", width=64, height=48, depth=True, lost_s=0.3, retry_s=0.01, retry_max_s=0.01)
    grabber = Grabber(RealSense(settings, find), settings)

    def grab(until: Any) -> None:
        end = time.monotonic() + 600.0
        while not until() and time.monotonic() < end:
            if devices:
                devices[0].inject(picture(devices[0].number), wall())
            grabber.turn()
            time.sleep(0.005)
        assert until()

    grab(lambda: grabber.health().frames >= 3)
    devices.clear()
    grab(lambda: grabber.health().problem == "no RealSense with serial 123")
    devices.append(software_camera())
    grab(lambda: grabber.health().problem == "" and grabber.health().reconnects == 1)
    grabber.source.close()


def test_close_may_be_called_twice_and_before_open() -> None:
    source = RealSense(SETTINGS, lambda serial: None)
    source.close()
    source.close()
    with pytest.raises(CameraLost, match="not open"):
        source.read()
