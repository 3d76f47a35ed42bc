"""Intrinsics read from camera_info."""

import pytest

pytest.importorskip("rclpy")

from sensor_msgs.msg import CameraInfo

from zprl_core.ros.camera_info import camera_from
from zprl_core.streams.camera_model import CameraModel


def info(width: int = 640, height: int = 480) -> CameraInfo:
    return CameraInfo(width=width, height=height, k=[600.0, 0.0, 319.5, 0.0, 610.0, 239.5, 0.0, 0.0, 1.0])


def test_the_size_focal_lengths_and_center_are_read() -> None:
    assert camera_from(info()) == CameraModel((480, 640), (600.0, 610.0), (319.5, 239.5))


def test_a_binned_section_has_its_own_intrinsics() -> None:
    """The middle of the image stays in the middle."""
    message = info()
    message.binning_x = message.binning_y = 2
    assert camera_from(message) == CameraModel((240, 320), (300.0, 305.0), (159.5, 119.5))
    message.roi.x_offset, message.roi.width, message.roi.height = 80, 480, 480
    assert camera_from(message) == CameraModel((240, 240), (300.0, 305.0), (119.5, 119.5))


@pytest.mark.parametrize("model", ["plumb_bob", "rational_polynomial"])
def test_distortion_is_read(model: str) -> None:
    message = info()
    message.distortion_model, message.d = model, [0.1, -0.2, 0.0, 0.0, 0.05]
    assert camera_from(message).distortion == (0.1, -0.2, 0.0, 0.0, 0.05)
    message.d = [0.0] * 5
    assert camera_from(message) == camera_from(info())


def test_another_model_of_distortion_is_named() -> None:
    message = info()
    message.distortion_model, message.d = "equidistant", [0.1, 0.0, 0.0, 0.0]
    with pytest.raises(ValueError, match="distortion model 'equidistant', known are plumb_bob, rational_polynomial"):
        camera_from(message)


def test_a_camera_that_is_not_calibrated_is_refused() -> None:
    with pytest.raises(ValueError, match=r"not calibrated \(K of its camera_info is 0\); calibrate it"):
        camera_from(CameraInfo(width=640, height=480))


@pytest.mark.parametrize("message", [info(0, 0), CameraInfo(width=4, height=4, k=[float("nan")] * 9)])
def test_other_intrinsics_that_are_none_are_refused(message: CameraInfo) -> None:
    with pytest.raises(ValueError, match="needs a size, positive focal lengths and finite numbers"):
        camera_from(message)
