"""The calibration file, and rigid transforms."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zprl_core.geometry import angle, from_rpy, inverse, matrix_from, position_from, quaternion_from
from zprl_hardware.cameras.calibration_file import (
    Calibration,
    CalibrationError,
    Mount,
    load,
    load_calibration,
    load_poses,
    save,
)
from zprl_hardware.cameras.camera import CameraSettings, Intrinsics

WHOLE = Calibration(
    camera="front",
    intrinsics=Intrinsics(640, 480, 600.5, 601.25, 320.0, 240.0, (0.1, -0.2, 0.001, 0.002, 0.0)),
    mount=Mount("fr3_link0", (0.5, -0.1, 0.8), (1.0, 0.0, 0.0, 0.0)),
    made={"views": 20, "rms_px": 0.25},
)
TEXT = """camera: front
intrinsics: {width: 640, height: 480, fx: 600, fy: 600, cx: 320, cy: 240, distortion: [0, 0, 0, 0, 0]}
mount: {parent: fr3_link0, position: [0.5, 0.0, 0.8], quaternion: [1, 0, 0, 0]}
"""
angles = st.floats(-3.1, 3.1)


@given(st.tuples(angles, angles, angles, angles, angles, angles))
def test_a_pose_comes_back_from_position_and_quaternion(pose: tuple[float, float, float, float, float, float]) -> None:
    matrix = from_rpy(pose)
    quaternion = quaternion_from(matrix)
    assert quaternion[3] >= 0 and math.hypot(*quaternion) == pytest.approx(1.0)
    np.testing.assert_allclose(matrix_from(position_from(matrix), quaternion), matrix, atol=1e-9)
    np.testing.assert_allclose(inverse(matrix) @ matrix, np.eye(4), atol=1e-12)


def test_turns_by_hand() -> None:
    half = math.sqrt(0.5)
    assert quaternion_from(from_rpy((0, 0, 0, math.pi / 2, 0, 0))) == pytest.approx((half, 0, 0, half))
    assert quaternion_from(from_rpy((0, 0, 0, 0, 0, math.pi / 2))) == pytest.approx((0, 0, half, half))
    # yaw is about the fixed z axis, after roll: x ahead becomes y
    np.testing.assert_allclose(from_rpy((0, 0, 0, 0.3, 0, math.pi / 2))[:3, 0], [0, 1, 0], atol=1e-12)
    assert angle(from_rpy((1, 2, 3, 0, 1e-6, 0))) == pytest.approx(1e-6)
    assert angle(from_rpy((1, 2, 3, 0, 0, math.pi))) == pytest.approx(math.pi)


@pytest.mark.parametrize("calibration", [WHOLE, Calibration("wrist"), Calibration("a", mount=WHOLE.mount)])
def test_the_file_comes_back(tmp_path: Path, calibration: Calibration) -> None:
    save(tmp_path / "c.yaml", calibration)
    assert load(tmp_path / "c.yaml") == calibration


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("camera: front", "", "camera must be the name of a camera, it is None"),
        ("mount:", "mounted:", "unknown key mounted; known are camera, intrinsics, mount, made"),
        ("fx: 600", "fx: wide", "intrinsics.fx must be a number, it is 'wide'"),
        ("fx: 600", "fx: 0", "intrinsics: intrinsics must be finite"),
        ("width: 640", "width: 640.5", "intrinsics.width must be a whole number of pixels"),
        ("fx: 600, ", "", "intrinsics must have exactly width, height, fx, fy, cx, cy, distortion"),
        ("[0, 0, 0, 0, 0]", "[0, 0, 0, 0]", "intrinsics.distortion must be a list of 5 numbers"),
        ("[1, 0, 0, 0]", "[1, 1, 0, 0]", "(length 1.414) are not a valid pose"),
        ("[0.5, 0.0, 0.8]", "[0.5, 0.0, .nan]", "are not a valid pose"),
        ("fr3_link0", "''", "mount: parent is empty"),
        ("camera: front", "camera: [", "not YAML"),
        (TEXT, "- 1", "expected a mapping, found list"),
        (TEXT, "[" * 20_000, "not YAML: maximum recursion depth"),
        ("fx: 600", "fx: " + "9" * 400, "intrinsics.fx is too large for a number"),
        ("camera: front", "camera: !!python/object/apply:os.system ['true']", "not YAML"),
    ],
)
def test_what_is_wrong_in_the_file_is_one_line_that_names_it(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = tmp_path / "c.yaml"
    assert old in TEXT
    path.write_text(TEXT.replace(old, new))
    with pytest.raises(CalibrationError, match=r"^[^\n]*$") as error:
        load(path)
    assert str(path) in str(error.value) and words in str(error.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CalibrationError, match=r"none\.yaml: No such file"):
        load(tmp_path / "none.yaml")


def test_a_file_of_another_camera_or_size_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    save(file, WHOLE)
    assert load_calibration(CameraSettings(calibration=str(file))) == WHOLE
    assert load_calibration(CameraSettings()) is None
    with pytest.raises(CalibrationError, match="made for camera front, but this camera is wrist"):
        load_calibration(CameraSettings(name="wrist", calibration=str(file)))
    with pytest.raises(CalibrationError, match="made for 640x480, but the camera delivers 1280x720"):
        load_calibration(CameraSettings(width=1280, height=720, calibration=str(file)))


def test_tool_poses(tmp_path: Path) -> None:
    path = tmp_path / "poses.yaml"
    path.write_text("000.png: {position: [0.4, 0.0, 0.3], quaternion: [1.0, 0.0, 0.0, 0.0]}\n")
    poses = load_poses(path)
    np.testing.assert_allclose(poses["000.png"][:3, 3], [0.4, 0.0, 0.3])
    np.testing.assert_allclose(poses["000.png"][:3, :3], np.diag([1.0, -1.0, -1.0]), atol=1e-12)
    path.write_text("000.png: {position: [0.4, 0.0, 0.3]}\n")
    with pytest.raises(CalibrationError, match=r"000\.png must have exactly position, quaternion"):
        load_poses(path)


def test_a_calibration_describes_the_camera_of_scaled_images() -> None:
    camera = WHOLE.camera_model(120, 160)
    assert camera.size == (120, 160) and camera.focal == pytest.approx((150.125, 150.3125))
    assert camera.center == pytest.approx((79.625, 59.625)) and camera.frame == "fr3_link0"
    assert camera.position == (0.5, -0.1, 0.8) and camera.turn == pytest.approx((math.pi, 0.0, 0.0))
    assert Calibration("a", WHOLE.intrinsics).camera_model(480, 640).frame == ""
    with pytest.raises(CalibrationError, match="has no intrinsics; calibrate them first"):
        Calibration("a").camera_model(120, 160)
