"""Explains why a ChArUco board is not found in an image, and names the settings that would find it."""

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from zprl_hardware.calibration.charuco import BoardSettings, Finder
from zprl_hardware.cameras.camera import Color

DICTIONARIES = ("4X4", "5X5", "6X6", "7X7")  # sizes of OpenCV's own markers
COUNTS = (50, 100, 250, 1000)  # markers in a dictionary of a size; the smaller are the beginnings of the larger


def why_not_found(picture: Color, board: BoardSettings) -> str:
    """Returns the reason in words for a (h, w, 3) RGB image in which `Finder(board)` finds too few corners."""
    for options, other in _others(board):
        if Finder(other).find(picture) is not None:
            return f"the board is not found as it is described, but with {options}: if that is true, set it"
    seen = _markers(picture, board)
    if not seen:
        return f"the board is not visible: no marker of {board.dictionary} is seen; check board and light"
    return (
        f"the board is not visible: {seen} of its {board.markers} markers are seen, but too few corners; show "
        "more of it, flat and sharp, or check board.squares_x and board.squares_y"
    )


def _others(board: BoardSettings) -> Iterator[tuple[str, BoardSettings]]:
    """Yields boards that are easily taken for this one, with the settings that select them."""
    legacy = f"board.legacy {str(not board.legacy).lower()}"
    yield legacy, replace(board, legacy=not board.legacy)
    if board.squares_x != board.squares_y:
        turned = replace(board, squares_x=board.squares_y, squares_y=board.squares_x)
        options = f"board.squares_x {turned.squares_x} and board.squares_y {turned.squares_y}"
        yield options, turned
        yield f"{options} and {legacy}", replace(turned, legacy=not board.legacy)
    for size in DICTIONARIES:
        name = f"DICT_{size}_{next((count for count in COUNTS if count >= board.markers), COUNTS[-1])}"
        if not board.dictionary.startswith(f"DICT_{size}") and board.markers <= COUNTS[-1]:
            yield f"board.dictionary {name}", replace(board, dictionary=name)


def _markers(picture: Color, board: BoardSettings) -> int:
    detector = cv2.aruco.ArucoDetector(board.marker_dictionary())
    _, ids, _ = detector.detectMarkers(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
    return 0 if ids is None else int(np.count_nonzero(np.ravel(ids) < board.markers))
