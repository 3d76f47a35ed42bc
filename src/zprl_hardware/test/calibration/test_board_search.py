"""A board that is not found is explained, with the settings that would find it."""

from dataclasses import replace

import numpy as np
import pytest

from zprl_hardware.calibration.board_search import why_not_found
from zprl_hardware.calibration.charuco import BoardSettings, Finder, draw
from zprl_hardware.cameras.camera import Color

PRINTED = BoardSettings(squares_x=7, squares_y=6)  # an even number of rows, where the two layouts differ


def image_of(board: BoardSettings) -> Color:
    return np.repeat(draw(board, 60, margin_px=40)[:, :, None], 3, axis=2)


@pytest.mark.parametrize(
    ("printed", "given", "setting"),
    [
        (replace(PRINTED, legacy=True), PRINTED, "board.legacy true"),
        (PRINTED, replace(PRINTED, legacy=True), "board.legacy false"),
        (PRINTED, replace(PRINTED, squares_x=6, squares_y=7), "board.squares_x 7 and board.squares_y 6"),
        (replace(PRINTED, dictionary="DICT_5X5_50"), PRINTED, "board.dictionary DICT_5X5_50"),
        (replace(PRINTED, dictionary="DICT_6X6_100"), PRINTED, "board.dictionary DICT_6X6_50"),
    ],
)
def test_the_setting_that_would_find_it_is_named(printed: BoardSettings, given: BoardSettings, setting: str) -> None:
    picture = image_of(printed)
    assert Finder(printed).find(picture) is not None and Finder(given).find(picture) is None
    assert f"but with {setting}: if that is true, set it" in why_not_found(picture, given)


def test_no_marker_and_too_little_of_the_board() -> None:
    picture = image_of(PRINTED)
    assert "no marker of DICT_4X4_50 is seen" in why_not_found(np.full_like(picture, 255), PRINTED)
    corner = picture.copy()
    corner[:, 180:] = 255
    assert "of its 21 markers are seen, but too few corners" in why_not_found(corner, PRINTED)
