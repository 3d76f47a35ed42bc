"""`calibrate` from pictures to a file, and what it refuses."""

import math
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from board_images import (
    BOARD_IN_BASE,
    CAMERA,
    CAMERA_IN_BASE,
    degrees,
    distance_mm,
    looks,
    take,
    tools_and_boards,
)
from zprl_core import waiting
from zprl_core.geometry import Matrix, from_rpy, inverse, position_from, quaternion_from
from zprl_hardware.calibration import cli
from zprl_hardware.calibration.charuco import BoardSettings, Finder, draw
from zprl_hardware.calibration.hand_eye import Where
from zprl_hardware.cameras.calibration_file import Calibration, Mount, load, save


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten pictures of the board, and one without it."""
    folder = tmp_path_factory.mktemp("pictures")
    for i, pose in enumerate(looks(10, seed=3)):
        cv2.imwrite(str(folder / f"{i:03d}.png"), take(pose))
    cv2.imwrite(str(folder / "table.png"), np.full((480, 640, 3), 90, np.uint8))
    return folder


TOOLS = tools_and_boards(Where.BASE, looks(10, seed=3))  # where the tool was when `pictures` were taken


def written(folder: Path, tools: list[Matrix]) -> str:
    """A file of tool poses for 000.png and so on."""
    poses = {
        f"{i:03d}.png": {"position": list(position_from(t)), "quaternion": list(quaternion_from(t))}
        for i, t in enumerate(tools)
    }
    (folder / "poses.yaml").write_text(yaml.safe_dump(poses))
    return str(folder / "poses.yaml")


def moved(number: int, metres: float) -> list[Matrix]:
    """One pose is wrong by so much."""
    return [t @ from_rpy((metres, 0, 0, 0, 0, 0)) if i == number else t for i, t in enumerate(TOOLS)]


def test_from_pictures_to_a_file(pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "front.yaml"
    cli.main(["intrinsics", str(pictures), "--out", str(out)])
    assert "table.png: the board is not visible" in capsys.readouterr().err
    found = load(out)
    assert found.camera == "front" and found.made["views"] == 10
    assert found.intrinsics is not None and found.intrinsics.fx == pytest.approx(600.0, rel=0.015)

    save(out, Calibration("front", CAMERA, made=found.made))
    cli.main(["hand-eye", str(pictures), "--out", str(out), "--poses", written(tmp_path, TOOLS)])
    assert "worst" not in capsys.readouterr().err
    found = load(out)
    assert found.mount is not None and found.mount.parent == "fr3_link0" and found.intrinsics == CAMERA
    assert distance_mm(found.mount.matrix, CAMERA_IN_BASE) < 3.0
    assert degrees(found.mount.matrix, CAMERA_IN_BASE) < 0.3
    assert found.made["views"] == 10 and found.made["pairs"] == 10 and float(found.made["spread_mm"]) < 2.0


@pytest.mark.parametrize(("tools", "blamed"), [(moved(6, 0.15), "006.png"), (TOOLS[3:] + TOOLS[:3], "")])
def test_pairs_that_contradict_each_other_are_not_saved(
    tools: list[Matrix], blamed: str, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One wrong pose; and poses that belong to other pictures."""
    out = tmp_path / "front.yaml"
    save(out, Calibration("front", CAMERA))
    with pytest.raises(SystemExit) as end:
        cli.main(["hand-eye", str(pictures), "--out", str(out), "--poses", written(tmp_path, tools)])
    error = capsys.readouterr().err
    assert end.value.code == 2 and "not saved: the board's pose spreads by" in error
    assert f"the worst pair is {blamed}" in error and "remove it from" in error
    assert load(out) == Calibration("front", CAMERA)


def test_a_pair_that_is_off_is_named_but_the_rest_is_saved(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "front.yaml"
    save(out, Calibration("front", CAMERA))
    cli.main(["hand-eye", str(pictures), "--out", str(out), "--poses", written(tmp_path, moved(6, 0.03))])
    assert "a spread of more than 5 mm; the worst pair is 006.png, without it" in capsys.readouterr().err
    assert 5.0 < float(load(out).made["spread_mm"]) < 20.0


def test_new_intrinsics_leave_out_a_mount_that_was_found_with_the_old_ones(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, mount = tmp_path / "front.yaml", Mount("fr3_link0", (0.5, 0.0, 0.8), (1.0, 0.0, 0.0, 0.0))
    arguments = ["intrinsics", str(pictures), "--out", str(out)]
    save(out, Calibration("front", mount=mount))  # measured by hand: no intrinsics were used
    cli.main(arguments)
    first = load(out)
    assert first.mount == mount
    cli.main(arguments)
    assert load(out).mount == mount  # the same intrinsics
    assert "warning" not in capsys.readouterr().err
    save(out, Calibration("front", CAMERA, mount, {"pairs": 15, "spread_mm": 1.0, "by": "me"}))
    cli.main(arguments)
    assert "the mount at [0.5, 0.0, 0.8] in fr3_link0 was found with the old intrinsics" in capsys.readouterr().err
    assert load(out).mount is None and load(out).made == {"by": "me", **first.made}


def test_the_file_of_another_camera_stays_as_it_is(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "front.yaml"
    save(out, Calibration("front", CAMERA))
    with pytest.raises(SystemExit):
        cli.main(["intrinsics", str(pictures), "--out", str(out), "--camera", "wrist"])
    assert "is for camera front: give --camera front, or a new file" in capsys.readouterr().err
    assert load(out) == Calibration("front", CAMERA)


def test_the_mount_from_one_picture_of_a_board_that_lies_where_it_was_measured(pictures: Path, tmp_path: Path) -> None:
    out, seen = tmp_path / "front.yaml", looks(10, seed=3)[0]
    save(out, Calibration("front", CAMERA))
    lies = ["0.45", "0.1", "0.0", str(math.pi), "0.0", "0.2"]
    cli.main(["pose", str(pictures / "000.png"), "--out", str(out), "--board-pose", *lies])
    mount = load(out).mount
    assert mount is not None and mount.parent == "fr3_link0"
    assert distance_mm(mount.matrix, BOARD_IN_BASE @ inverse(seen)) < 2.0


def test_live_pictures_are_kept_when_the_board_has_moved(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sequence of pictures stands for a camera."""
    arguments = ["--device", str(pictures / "%03d.png"), "--fps", "200", "--count", "4", "--every-s", "0"]
    cli.main(["capture", str(tmp_path / "live"), *arguments])
    kept = sorted((tmp_path / "live").iterdir())
    assert [p.name for p in kept] == ["000.png", "001.png", "002.png", "003.png"]
    np.testing.assert_array_equal(cv2.imread(str(kept[0])), cv2.imread(str(pictures / "000.png")))
    with pytest.raises(SystemExit):
        cli.main(["capture", str(tmp_path / "live"), *arguments])
    assert "live holds 4 images, which would be overwritten: choose a new folder" in capsys.readouterr().err


def test_a_board_that_is_held_still_is_asked_to_move(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "FIRST_S", 0.0)
    (tmp_path / "still").mkdir()
    for number in range(4):  # the last picture shows another place
        name = "000.png" if number < 3 else "001.png"
        shutil.copy(pictures / name, tmp_path / "still" / f"{number:03d}.png")
    arguments = ["--device", str(tmp_path / "still" / "%03d.png"), "--fps", "200", "--count", "2", "--every-s", "0"]
    cli.main(["capture", str(tmp_path / "live"), *arguments])
    said = capsys.readouterr().out
    assert "waiting for image 2 of 2 with the board at another place" in said and "move or tilt the board" in said


def test_the_drawn_board_is_found_again(tmp_path: Path) -> None:
    cli.main(["draw", str(tmp_path / "board.png"), "--square-px", "60"])
    picture = cv2.imread(str(tmp_path / "board.png"))
    assert picture is not None and picture.shape == (5 * 60 + 30, 7 * 60 + 30, 3)
    view = Finder(BoardSettings()).find(np.asarray(picture, np.uint8))
    assert view is not None and len(view.pixels) == 24
    assert draw(BoardSettings(), 60).shape == (300, 420)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["intrinsics", "nowhere", "--out", "x.yaml"], "nowhere is not a folder"),
        (["hand-eye", ".", "--out", "none.yaml", "--poses", "p.yaml"], "none.yaml: No such file"),
        (["capture", "x", "--device", "/dev/video987"], "/dev/video987 does not exist"),
        (["capture", "x", "--width", "3"], "width is 3"),
        (["draw", "board.txt"], "board.txt cannot be written: the name must end with .png, .jpg"),
        (["draw", "nowhere/board.png"], "board.png cannot be written: no such folder"),
        (["draw", "board.png", "--square-px", "0"], "square_px is 0; this board allows 8..2364; use about 300"),
        (["draw", "board.png", "--square-px", "3"], "square_px is 3; this board allows 8..2364"),
        (["draw", "board.png", "--square-px", "100000"], "square_px is 100000; this board allows 8..2364"),
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
        cli.main(arguments)
    assert end.value.code == 2 and words in capsys.readouterr().err


def test_the_mount_is_that_of_the_matrix() -> None:
    np.testing.assert_allclose(Mount.at("a", CAMERA_IN_BASE).matrix, CAMERA_IN_BASE, atol=1e-9)
