"""Draws a ChArUco board, finds it in images, and solves for intrinsics and pose. OpenCV 4.7 or newer."""

import math
from dataclasses import dataclass
from typing import Annotated, Any

import cv2
import numpy as np
import numpy.typing as npt

from zprl_core.config.metadata import Range
from zprl_core.geometry import Matrix
from zprl_hardware.cameras.calibration_file import CalibrationError
from zprl_hardware.cameras.camera import Color, Intrinsics

MIN_CORNERS = 6  # a view with fewer is skipped
MIN_VIEWS = 5  # fewer do not determine intrinsics
MOST_PIXELS = 2**28  # of a drawn board


@dataclass(frozen=True)
class BoardSettings:
    """The printed board. Measure a square after printing: a printer scales."""

    squares_x: Annotated[int, "squares of the board along x", Range(3, 1000)] = 7
    squares_y: Annotated[int, "squares of the board along y", Range(3, 1000)] = 5
    square_m: Annotated[float, "side of a square, measured on the print [m]", Range(0, 10, above=True)] = 0.04
    marker_m: Annotated[float, "side of a marker, measured on the print [m]", Range(0, 10, above=True)] = 0.03
    dictionary: Annotated[str, "OpenCV's name of the marker dictionary"] = "DICT_4X4_50"
    legacy: Annotated[bool, "true: drawn by OpenCV before 4.6, with an even number of rows"] = False

    def __post_init__(self) -> None:
        if self.squares_x < 3 or self.squares_y < 3:
            raise ValueError(f"the board has {self.squares_x}x{self.squares_y} squares; it needs at least 3x3")
        if not 0 < self.marker_m < self.square_m:
            raise ValueError(f"marker_m {self.marker_m} must be within 0..square_m {self.square_m}")
        if not self.dictionary.startswith("DICT_") or not hasattr(cv2.aruco, self.dictionary):
            raise ValueError(f"OpenCV has no dictionary {self.dictionary!r}; an example is DICT_5X5_100")
        there = len(self.marker_dictionary().bytesList)
        if self.markers > there:
            needs = f"the board needs {self.markers} markers"
            raise ValueError(f"{needs}, {self.dictionary} has {there}: choose a larger one")

    @property
    def markers(self) -> int:
        """Markers of the board."""
        return self.squares_x * self.squares_y // 2

    def board(self) -> cv2.aruco.CharucoBoard:
        """OpenCV's board. Its frame: origin at the outer corner of the first square, x right, y down, z into it."""
        if not hasattr(cv2.aruco, "CharucoDetector"):
            raise CalibrationError(f"this is OpenCV {cv2.__version__}; calibrating needs 4.7 or newer")
        size = (self.squares_x, self.squares_y)
        board = cv2.aruco.CharucoBoard(size, self.square_m, self.marker_m, self.marker_dictionary())
        board.setLegacyPattern(self.legacy)
        return board

    def check_square(self, square_px: int) -> None:
        """Check the size of a drawn square. Raises CalibrationError if it is too small for its marker, or too large."""
        cells = self.marker_dictionary().markerSize + 2  # with the marker's border; a pixel each
        least = math.ceil(cells * self.square_m / self.marker_m - 1e-9)
        most = math.isqrt(MOST_PIXELS // ((self.squares_x + 1) * (self.squares_y + 1)))
        if not least <= square_px <= most:
            allowed = f"this board allows {least}..{most}; use about 300 for printing"
            raise CalibrationError(f"square_px is {square_px}; {allowed}")

    def marker_dictionary(self) -> Any:
        """OpenCV's dictionary of the markers."""
        return cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, self.dictionary))


@dataclass(frozen=True, eq=False)
class View:
    """The n corners of a board in one image."""

    name: str
    size: tuple[int, int]  # width, height of the image [px]
    pixels: npt.NDArray[np.float32]  # (n, 2)
    points: npt.NDArray[np.float32]  # (n, 3) in the board's frame [m]


def draw(settings: BoardSettings, square_px: int, margin_px: int = 0) -> npt.NDArray[np.uint8]:
    """Draw the board as a gray image (height, width) for printing. Raises CalibrationError."""
    settings.check_square(square_px)
    size = (settings.squares_x * square_px + 2 * margin_px, settings.squares_y * square_px + 2 * margin_px)
    return np.asarray(settings.board().generateImage(size, marginSize=margin_px), dtype=np.uint8)


class Finder:
    """Finds one board in images."""

    def __init__(self, settings: BoardSettings):
        self._board = settings.board()
        self._detector = cv2.aruco.CharucoDetector(self._board)

    def find(self, picture: Color, name: str = "") -> View | None:
        """Find the board in a (h, w, 3) RGB image; None if fewer than MIN_CORNERS corners are visible."""
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        corners, ids, _, _ = self._detector.detectBoard(grey)
        if ids is None or len(ids) < MIN_CORNERS:
            return None
        points = np.asarray(self._board.getChessboardCorners(), np.float32)[np.asarray(ids).ravel()]
        height, width = grey.shape[:2]
        return View(name, (width, height), np.asarray(corners, np.float32).reshape(-1, 2), points)


def solve_intrinsics(views: list[View]) -> tuple[Intrinsics, float]:
    """Solve for intrinsics from views of the board; returns them and the RMS reprojection error [px]. k3 stays 0.

    Raises CalibrationError when there are too few views, or they differ in size.
    """
    if len(views) < MIN_VIEWS:
        raise CalibrationError(f"the board is visible in {len(views)} images; intrinsics need {MIN_VIEWS}, better 20")
    sizes = sorted({view.size for view in views})
    if len(sizes) > 1:
        raise CalibrationError(f"the images differ in size: {sizes}")
    points, pixels = [v.points for v in views], [v.pixels for v in views]
    error, k, distortion, _, _ = cv2.calibrateCamera(
        points, pixels, sizes[0], np.eye(3), np.zeros(5), flags=cv2.CALIB_FIX_K3
    )
    fx, fy, cx, cy = (float(v) for v in (k[0, 0], k[1, 1], k[0, 2], k[1, 2]))
    k1, k2, p1, p2, k3 = (float(v) for v in np.ravel(distortion)[:5])
    return Intrinsics(*sizes[0], fx, fy, cx, cy, (k1, k2, p1, p2, k3)), float(error)


def board_in_camera(view: View, intrinsics: Intrinsics) -> tuple[Matrix, float]:
    """Pose of the board's frame in the camera's optical frame (4, 4), and the RMS reprojection error [px]."""
    if view.size != (intrinsics.width, intrinsics.height):
        is_, wanted = "x".join(map(str, view.size)), f"{intrinsics.width}x{intrinsics.height}"
        raise CalibrationError(f"{view.name} is {is_}, the intrinsics are for {wanted}")
    distortion = np.array(intrinsics.distortion)
    done, turn, shift = cv2.solvePnP(view.points, view.pixels, intrinsics.k, distortion, flags=cv2.SOLVEPNP_ITERATIVE)
    if not done:
        raise CalibrationError(f"{view.name}: no pose of the board fits its corners")
    again, _ = cv2.projectPoints(view.points, turn, shift, intrinsics.k, distortion)
    error = float(np.sqrt(np.mean(np.sum((again.reshape(-1, 2) - view.pixels) ** 2, axis=1))))
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = cv2.Rodrigues(turn)[0], np.ravel(shift)
    return matrix, error
