"""How far another lens or mount moves an image."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from zprl_core.geometry import matrix_from
from zprl_core.streams.camera_model import CameraModel, from_json, moved_by, to_json

CAMERA = CameraModel((128, 128), (150.0, 150.0), (63.5, 63.5), "base", (0.4, 0.1, 0.8), (np.pi, 0.0, 0.0))

RATIONAL = (0.4, -0.1, 0.001, -0.001, 0.02, 0.5, -0.05, 0.01, *(0.0,) * 6)  # 14 coefficients


def test_the_same_camera_has_not_moved_and_a_larger_image_of_it_neither() -> None:
    assert moved_by(CAMERA, CAMERA) == pytest.approx(0.0, abs=1e-9)
    larger = replace(CAMERA, size=(480, 480), focal=(562.5, 562.5), center=(239.5, 239.5))
    assert moved_by(CAMERA, larger) == pytest.approx(0.0, abs=1e-9)
    assert CAMERA.resized((480, 480)) == larger


def test_a_shift_of_a_centimeter_counts_most_for_the_nearest_points() -> None:
    """150 px * 0.01 m / 0.3 m = 5 px."""
    assert moved_by(CAMERA, replace(CAMERA, position=(0.41, 0.1, 0.8))) == pytest.approx(5.0)


def test_a_turn_about_the_optical_axis_moves_the_corners() -> None:
    """At 0.4 of the image from its center in x and y: 0.4 * 128 * sqrt(2) * 2 sin(0.02 / 2) = 1.448 px."""
    turned = replace(CAMERA, turn=tuple(np.array([np.pi, 0.0, 0.0])))
    about = replace(turned, turn=(float(np.pi * np.cos(0.01)), float(np.pi * np.sin(0.01)), 0.0))
    assert moved_by(CAMERA, about) == pytest.approx(1.448, abs=0.01)


def test_another_lens_is_noticed_without_a_pose() -> None:
    """A focal length 10 % longer: 0.1 * 0.4 * 128 * sqrt(2) = 7.24 px at the corners."""
    unknown = replace(CAMERA, frame="", focal=(165.0, 165.0))
    assert moved_by(CAMERA, unknown) == pytest.approx(7.241, abs=0.01)


def test_a_camera_that_looks_the_other_way_is_infinitely_far_off() -> None:
    assert moved_by(CAMERA, replace(CAMERA, turn=(0.0, 0.0, 0.0))) == float("inf")


def test_a_field_of_view_gives_the_focal_length() -> None:
    """90 degrees: half the height at depth 1."""
    camera = CameraModel.from_fovy((100, 200), np.pi / 2, "base", (0, 0, 0), (0, 0, 0))
    assert camera.focal == pytest.approx((50.0, 50.0)) and camera.center == (99.5, 49.5)


def test_a_mounted_camera_has_the_pose_that_it_was_given() -> None:
    pose = matrix_from((0.41, 0.1, 0.8), (1.0, 0.0, 0.0, 0.0))
    mounted = replace(CAMERA, frame="").mounted("base", pose)
    assert mounted.frame == "base" and moved_by(CAMERA, mounted) == pytest.approx(5.0)


@pytest.mark.parametrize("lens", [(0.1, -0.2, 0.001, -0.002), (0.1, -0.2, 0.001, -0.002, 0.05), RATIONAL])
def test_what_a_distorting_lens_shows_is_where_opencv_says(lens: tuple[float, ...]) -> None:
    camera, points = replace(CAMERA, distortion=lens), np.array([[0.1, -0.2, 0.8], [0.0, 0.0, 1.0], [-0.3, 0.3, 1.2]])
    k = np.array([[150.0, 0.0, 63.5], [0.0, 150.0, 63.5], [0.0, 0.0, 1.0]])
    pixels, _ = cv2.projectPoints(points, np.zeros(3), np.zeros(3), k, np.array(lens))
    assert camera.project(points) * 128 - 0.5 == pytest.approx(pixels.reshape(-1, 2), abs=1e-6)
    assert camera.project(camera.rays(camera.project(points))) == pytest.approx(camera.project(points), abs=1e-6)


def test_a_lens_that_distorts_otherwise_is_noticed() -> None:
    """k1 of 0.1 moves a corner by 0.1 r^3 of the focal length, with r = 0.4 * 128 * sqrt(2) / 150 = 0.483."""
    barrel = replace(CAMERA, distortion=(0.1, 0.0, 0.0, 0.0, 0.0))
    assert moved_by(CAMERA, barrel) == pytest.approx(0.1 * 0.4827**3 * 150, rel=0.01)
    assert moved_by(barrel, barrel) == pytest.approx(0.0, abs=1e-6)
    assert moved_by(barrel, barrel.resized((480, 480))) == pytest.approx(0.0, abs=1e-6)


def test_json_round_trip_and_refusals() -> None:
    for camera in (CAMERA, replace(CAMERA, distortion=(0.1, 0.0, 0.0, 0.0, 0.2))):
        assert from_json(json.loads(json.dumps(to_json({"front": camera})))) == {"front": camera}
    old = {name: value for name, value in to_json({"front": CAMERA})["front"].items() if name != "distortion"}
    assert from_json({"front": old}) == {"front": CAMERA}
    with pytest.raises(ValueError, match="4, 5, 8, 12 or 14 coefficients of distortion, got 3"):
        replace(CAMERA, distortion=(0.1, 0.2, 0.3))


def test_a_lens_that_folds_its_image_cannot_be_compared() -> None:
    """As of a wide lens that was calibrated with the board in the middle only."""
    with pytest.raises(ValueError, match="folds its image: calibrate it again"):
        CameraModel((480, 640), (300.0, 300.0), (319.5, 239.5), distortion=(-0.4, 0.0, 0.0, 0.0))
    with pytest.raises(ValueError, match="table of stream names"):
        from_json([])
    with pytest.raises(ValueError, match="positive focal lengths"):
        CameraModel((1, 1), (0.0, 1.0), (0.0, 0.0))
