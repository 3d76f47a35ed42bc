"""Cameras and mounts that are known, found again from rendered pictures of a board."""

from typing import Any

import numpy as np
import pytest

from board_images import (
    BOARD,
    CAMERA,
    CAMERA_IN_BASE,
    CAMERA_IN_TOOL,
    degrees,
    distance_mm,
    looks,
    take,
    tools_and_boards,
)
from zprl_core.geometry import Matrix, from_rpy
from zprl_hardware.calibration.charuco import BoardSettings, Finder, board_in_camera, draw, solve_intrinsics
from zprl_hardware.calibration.hand_eye import Where, solve, worst
from zprl_hardware.cameras.calibration_file import CalibrationError


def test_all_corners_are_found_where_they_are() -> None:
    pose = looks(1)[0]
    view = Finder(BOARD).find(take(pose))
    assert view is not None and len(view.pixels) == 6 * 4 and view.size == (640, 480)
    there = (CAMERA.k @ (pose[:3, :3] @ view.points.T + pose[:3, 3:])).T
    off = np.linalg.norm(view.pixels - there[:, :2] / there[:, 2:], axis=1)
    assert off.max() < 0.3


def test_no_board_no_view() -> None:
    assert Finder(BOARD).find(np.full((480, 640, 3), 90, np.uint8)) is None


def test_the_pose_of_the_board() -> None:
    for pose in looks(3, seed=1):
        view = Finder(BOARD).find(take(pose))
        assert view is not None
        found, error = board_in_camera(view, CAMERA)
        assert distance_mm(found, pose) < 1.0 and degrees(found, pose) < 0.3 and error < 0.2


def test_intrinsics() -> None:
    views = [v for p in looks(12, seed=2) if (v := Finder(BOARD).find(take(p)))]
    found, error = solve_intrinsics(views)
    assert (found.width, found.height) == (640, 480) and error < 0.2
    assert (found.fx, found.fy) == pytest.approx((CAMERA.fx, CAMERA.fy), rel=0.01)
    assert (found.cx, found.cy) == pytest.approx((CAMERA.cx, CAMERA.cy), abs=4.0)
    assert abs(found.distortion[0]) < 0.05
    with pytest.raises(CalibrationError, match="in 4 images; intrinsics need 5"):
        solve_intrinsics(views[:4])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"squares_x": 2}, "needs at least 3x3"),
        ({"marker_m": 0.05}, "marker_m 0.05 must be within 0..square_m 0.04"),
        ({"dictionary": "DICT_9X9"}, "OpenCV has no dictionary 'DICT_9X9'"),
        ({"squares_x": 20, "squares_y": 20}, "needs 200 markers, DICT_4X4_50 has 50"),
    ],
)
def test_a_board_that_cannot_be(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        BoardSettings(**wrong)


@pytest.mark.parametrize(("where", "camera"), [(Where.BASE, CAMERA_IN_BASE), (Where.TOOL, CAMERA_IN_TOOL)])
def test_hand_eye_is_exact_without_noise(where: Where, camera: Matrix) -> None:
    seen = looks(8)
    found = solve(where, tools_and_boards(where, seen), seen)
    assert distance_mm(found.camera, camera) < 1e-6 and degrees(found.camera, camera) < 1e-6
    assert found.spread_mm < 1e-6 and found.spread_deg < 1e-6


@pytest.mark.parametrize(
    ("tools", "words"),
    [
        ([np.eye(4)] * 3, "4 pairs are needed"),
        ([from_rpy((0.1 * i, 0, 0, 0, 0, 0.3 * i)) for i in range(6)], "turned about one axis only"),
        ([from_rpy((0.1 * i, 0, 0, 0, 0, 0)) for i in range(6)], "turned about one axis only"),
    ],
)
def test_hand_eye_refuses_what_says_too_little(tools: list[Matrix], words: str) -> None:
    with pytest.raises(CalibrationError, match=words):
        solve(Where.BASE, tools, looks(len(tools)))


def test_the_worst_pair_is_the_one_without_which_the_others_agree() -> None:
    seen = looks(8)
    tools = tools_and_boards(Where.BASE, seen)
    tools[0] = tools[0] @ from_rpy((0.05, 0.0, 0.0, 0.0, 0.0, 0.2))  # also where it is the first
    assert not solve(Where.BASE, tools, seen).usable
    number, rest = worst(Where.BASE, tools, seen)
    assert number == 0 and rest.usable and rest.spread_mm < 1e-6
    assert worst(Where.BASE, tools[:4], seen[:4])[0] in range(4)


@pytest.mark.parametrize("dictionary", ["DICT_4X4_50", "DICT_5X5_100", "DICT_6X6_250", "DICT_7X7_50"])
@pytest.mark.parametrize("marker_m", [0.013, 0.03, 0.039])
def test_the_smallest_square_that_is_allowed_can_be_drawn(dictionary: str, marker_m: float) -> None:
    board = BoardSettings(dictionary=dictionary, marker_m=marker_m)
    with pytest.raises(CalibrationError, match="square_px is 1; this board allows") as error:
        draw(board, 1)
    least = int(str(error.value).rpartition("allows ")[2].partition("..")[0])
    assert draw(board, least).shape == (5 * least, 7 * least)
