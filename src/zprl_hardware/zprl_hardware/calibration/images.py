"""Pictures of a board in a folder, for `calibrate`."""

import sys
from pathlib import Path

import cv2
import numpy as np

from zprl_hardware.calibration.charuco import BoardSettings, Finder, View
from zprl_hardware.cameras.calibration_file import CalibrationError
from zprl_hardware.cameras.camera import Color

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")
SAME_PX = 10.0  # pictures whose corners moved less say nothing new


def pictures_in(folder: Path) -> list[Path]:
    """Sorted by name."""
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURES)


def find_views(folder: Path, board: BoardSettings) -> list[View]:
    """The board in each picture of the folder; says which pictures do not show it."""
    if not folder.is_dir():
        raise CalibrationError(f"{folder} is no folder")
    paths = pictures_in(folder)
    if not paths:
        raise CalibrationError(f"{folder}: no pictures ({', '.join(PICTURES)})")
    finder, views = Finder(board), []
    for path in paths:
        view = finder.find(read(path), path.name)
        if view is None:
            print(f"{path.name}: the board is not in it; left out", file=sys.stderr)
        else:
            views.append(view)
    return views


def read(path: Path) -> Color:
    """(h, w, 3) RGB. Raises CalibrationError."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise CalibrationError(f"{path}: not a picture that OpenCV reads")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def write(path: Path, picture: Color) -> None:
    """(h, w, 3) RGB, in the form that the file's name ends with. Raises CalibrationError."""
    if path.suffix.lower() not in PICTURES:
        raise CalibrationError(f"{path} cannot be written: a picture's name ends with {', '.join(PICTURES)}")
    if not cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)):
        raise CalibrationError(f"{path} cannot be written: no such folder, no rights, or the disk is full")


def moved(view: View, old: View) -> bool:
    """Whether the middle of the board, or its extent, is elsewhere in the picture by SAME_PX."""
    new_middle, new_extent = view.pixels.mean(axis=0), view.pixels.std(axis=0)
    old_middle, old_extent = old.pixels.mean(axis=0), old.pixels.std(axis=0)
    return max(float(np.abs(new_middle - old_middle).max()), float(np.abs(new_extent - old_extent).max())) > SAME_PX
