"""Reads and writes images of a board in a folder."""

import sys
from pathlib import Path

import cv2
import numpy as np

from zprl_hardware.calibration.board_search import why_not_found
from zprl_hardware.calibration.charuco import BoardSettings, Finder, View
from zprl_hardware.cameras.calibration_file import CalibrationError
from zprl_hardware.cameras.camera import Color

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")
SAME_PX = 10.0  # an image whose corners moved less adds nothing


def pictures_in(folder: Path) -> list[Path]:
    """List the images of a folder, sorted by name."""
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURES)


def find_views(folder: Path, board: BoardSettings) -> list[View]:
    """Find the board in each image of a folder; report the images that do not show it."""
    if not folder.is_dir():
        raise CalibrationError(f"{folder} is not a folder")
    paths = pictures_in(folder)
    if not paths:
        raise CalibrationError(f"{folder}: no images ({', '.join(PICTURES)})")
    finder, views = Finder(board), []
    for path in paths:
        picture = read(path)
        view = finder.find(picture, path.name)
        if view is None:
            print(f"{path.name}: {why_not_found(picture, board)}; skipped", file=sys.stderr)
        else:
            views.append(view)
    return views


def read(path: Path) -> Color:
    """Read an image as (h, w, 3) RGB. Raises CalibrationError."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise CalibrationError(f"{path}: not an image that OpenCV can read")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def write(path: Path, picture: Color) -> None:
    """Write a (h, w, 3) RGB image in the format of the file's suffix. Raises CalibrationError."""
    if path.suffix.lower() not in PICTURES:
        raise CalibrationError(f"{path} cannot be written: the name must end with {', '.join(PICTURES)}")
    if not cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)):
        raise CalibrationError(f"{path} cannot be written: no such folder, no permission, or the disk is full")


def moved(view: View, old: View) -> bool:
    """True if the board's center or extent moved by more than SAME_PX."""
    new_middle, new_extent = view.pixels.mean(axis=0), view.pixels.std(axis=0)
    old_middle, old_extent = old.pixels.mean(axis=0), old.pixels.std(axis=0)
    return max(float(np.abs(new_middle - old_middle).max()), float(np.abs(new_extent - old_extent).max())) > SAME_PX
