"""Cameras and mounts that are known, found again from rendered pictures of a board."""

import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml
from board_pictures import BOARD, CAMERA, looks, take

from zprl_bringup import calibrate
from zprl_bringup.calibration import Calibration, CalibrationError, Mount, load, save
from zprl_bringup.charuco import BoardSettings, Finder, board_in_camera, draw, intrinsics_of
from zprl_bringup.hand_eye import Where, solve
from zprl_bringup.rigid import Matrix, angle, from_rpy, inverse, position_of, quaternion_of

CAMERA_IN_BASE = from_rpy((1.1, 0.2, 0.6, -2.0, 0.1, 1.5))
BOARD_IN_TOOL = from_rpy((0.02, -0.05, 0.03, 0.1, -0.2, 0.3))
CAMERA_IN_TOOL = from_rpy((0.05, 0.0, -0.06, 0.05, 0.1, -1.5))
BOARD_IN_BASE = from_rpy((0.45, 0.1, 0.0, math.pi, 0.0, 0.2))


def distance_mm(a: Matrix, b: Matrix) -> float:
    return float(np.linalg.norm(a[:3, 3] - b[:3, 3]) * 1e3)


def degrees(a: Matrix, b: Matrix) -> float:
    return math.degrees(angle(inverse(a) @ b))


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
    found, error = intrinsics_of(views)
    assert (found.width, found.height) == (640, 480) and error < 0.2
    assert (found.fx, found.fy) == pytest.approx((CAMERA.fx, CAMERA.fy), rel=0.01)
    assert (found.cx, found.cy) == pytest.approx((CAMERA.cx, CAMERA.cy), abs=4.0)
    assert abs(found.distortion[0]) < 0.05
    with pytest.raises(CalibrationError, match="in 4 pictures; intrinsics take 5"):
        intrinsics_of(views[:4])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"squares_x": 2}, "needs at least 3x3"),
        ({"marker_m": 0.05}, "marker_m 0.05 must be within 0..square_m 0.04"),
        ({"dictionary": "DICT_9X9"}, "OpenCV knows no dictionary 'DICT_9X9'"),
        ({"squares_x": 20, "squares_y": 20}, "needs 200 markers, DICT_4X4_50 has 50"),
    ],
)
def test_a_board_that_cannot_be(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        BoardSettings(**wrong)


def tools_and_boards(where: Where, seen: list[Matrix]) -> list[Matrix]:
    """Tool poses in the base at which the camera sees the board at `seen`."""
    if where is Where.BASE:
        return [CAMERA_IN_BASE @ b @ inverse(BOARD_IN_TOOL) for b in seen]
    return [BOARD_IN_BASE @ inverse(b) @ inverse(CAMERA_IN_TOOL) for b in seen]


@pytest.mark.parametrize(("where", "camera"), [(Where.BASE, CAMERA_IN_BASE), (Where.TOOL, CAMERA_IN_TOOL)])
def test_hand_eye_is_exact_without_noise(where: Where, camera: Matrix) -> None:
    seen = looks(8)
    found = solve(where, tools_and_boards(where, seen), seen)
    assert distance_mm(found.camera, camera) < 1e-6 and degrees(found.camera, camera) < 1e-6
    assert found.spread_mm < 1e-6 and found.spread_deg < 1e-6


@pytest.mark.parametrize(
    ("tools", "words"),
    [
        ([np.eye(4)] * 3, "at least 4 pairs"),
        ([from_rpy((0.1 * i, 0, 0, 0, 0, 0.3 * i)) for i in range(6)], "turned about one axis only"),
        ([from_rpy((0.1 * i, 0, 0, 0, 0, 0)) for i in range(6)], "turned about one axis only"),
    ],
)
def test_hand_eye_refuses_what_says_too_little(tools: list[Matrix], words: str) -> None:
    with pytest.raises(CalibrationError, match=words):
        solve(Where.BASE, tools, looks(len(tools)))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten pictures of the board, and one without it."""
    folder = tmp_path_factory.mktemp("pictures")
    for i, pose in enumerate(looks(10, seed=3)):
        cv2.imwrite(str(folder / f"{i:03d}.png"), take(pose))
    cv2.imwrite(str(folder / "table.png"), np.full((480, 640, 3), 90, np.uint8))
    return folder


def test_from_pictures_to_a_file(pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "front.yaml"
    calibrate.main(["intrinsics", str(pictures), "--out", str(out)])
    assert "table.png: the board is not in it" in capsys.readouterr().err
    found = load(out)
    assert found.camera == "front" and found.made["views"] == 10
    assert found.intrinsics is not None and found.intrinsics.fx == pytest.approx(600.0, rel=0.015)

    tools = tools_and_boards(Where.BASE, looks(10, seed=3))
    poses = {
        f"{i:03d}.png": {"position": list(position_of(t)), "quaternion": list(quaternion_of(t))}
        for i, t in enumerate(tools)
    }
    (tmp_path / "poses.yaml").write_text(yaml.safe_dump(poses))
    save(out, Calibration("front", CAMERA, made=found.made))
    calibrate.main(["hand-eye", str(pictures), "--out", str(out), "--poses", str(tmp_path / "poses.yaml")])
    found = load(out)
    assert found.mount is not None and found.mount.parent == "fr3_link0" and found.intrinsics == CAMERA
    assert distance_mm(found.mount.matrix, CAMERA_IN_BASE) < 3.0
    assert degrees(found.mount.matrix, CAMERA_IN_BASE) < 0.3
    assert found.made["views"] == 10 and found.made["pairs"] == 10 and float(found.made["spread_mm"]) < 2.0


def test_the_mount_from_one_picture_of_a_board_that_lies_where_it_was_measured(pictures: Path, tmp_path: Path) -> None:
    out, seen = tmp_path / "front.yaml", looks(10, seed=3)[0]
    save(out, Calibration("front", CAMERA))
    lies = ["0.45", "0.1", "0.0", str(math.pi), "0.0", "0.2"]
    calibrate.main(["pose", str(pictures / "000.png"), "--out", str(out), "--board-pose", *lies])
    mount = load(out).mount
    assert mount is not None and mount.parent == "fr3_link0"
    assert distance_mm(mount.matrix, BOARD_IN_BASE @ inverse(seen)) < 2.0


def test_live_pictures_are_kept_when_the_board_has_moved(pictures: Path, tmp_path: Path) -> None:
    """A sequence of pictures stands for a camera."""
    arguments = ["--device", str(pictures / "%03d.png"), "--fps", "200", "--count", "4", "--every-s", "0"]
    calibrate.main(["capture", str(tmp_path / "live"), *arguments])
    kept = sorted((tmp_path / "live").iterdir())
    assert [p.name for p in kept] == ["000.png", "001.png", "002.png", "003.png"]
    np.testing.assert_array_equal(cv2.imread(str(kept[0])), cv2.imread(str(pictures / "000.png")))


def test_the_drawn_board_is_found_again(tmp_path: Path) -> None:
    calibrate.main(["draw", str(tmp_path / "board.png"), "--square-px", "60"])
    picture = cv2.imread(str(tmp_path / "board.png"))
    assert picture is not None and picture.shape == (5 * 60 + 30, 7 * 60 + 30, 3)
    view = Finder(BoardSettings()).find(np.asarray(picture, np.uint8))
    assert view is not None and len(view.pixels) == 24
    assert draw(BoardSettings(), 60).shape == (300, 420)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["intrinsics", "nowhere", "--out", "x.yaml"], "nowhere is no folder"),
        (["hand-eye", ".", "--out", "none.yaml", "--poses", "p.yaml"], "none.yaml: No such file"),
        (["capture", "x", "--device", "/dev/video987"], "there is no /dev/video987"),
        (["capture", "x", "--width", "3"], "width is 3"),
    ],
)
def test_what_the_user_can_mend_is_one_line(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        calibrate.main(arguments)
    assert end.value.code == 2 and words in capsys.readouterr().err


def test_the_mount_is_that_of_the_matrix() -> None:
    np.testing.assert_allclose(Mount.at("a", CAMERA_IN_BASE).matrix, CAMERA_IN_BASE, atol=1e-9)
