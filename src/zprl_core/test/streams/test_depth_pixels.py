"""Depth as pixels: linear within the range, clipped outside of it, and 0 where nothing was measured."""

import numpy as np
import pytest

from zprl_core.streams.depth_pixels import depth_pixels, distances_m

NEAR, FAR = 0.2, 1.47  # 254 steps of 5 mm


@pytest.mark.parametrize(
    ("distance", "pixel"),
    [
        (NEAR, 1), (0.205, 2), (1.465, 254), (FAR, 255), (0.2074, 2), (0.2076, 3),
        (0.1, 1), (-np.inf, 1), (1.5, 255), (60.0, 255), (np.inf, 255),
        (0.0, 0), (-0.0, 0), (-0.3, 0), (np.nan, 0),
    ],
)  # fmt: skip
def test_a_distance_has_its_pixel(distance: float, pixel: int) -> None:
    found = depth_pixels(np.array([[distance]], np.float32), NEAR, FAR)
    assert found.dtype == np.uint8 and found.tolist() == [[pixel]]


def test_a_range_may_begin_at_the_camera() -> None:
    assert depth_pixels(np.array([0.0, 0.001, 1.0], np.float32), 0.0, 1.0).tolist() == [0, 1, 255]


def test_pixels_give_back_distances_within_half_a_step() -> None:
    given = np.linspace(NEAR, FAR, 1000, dtype=np.float32)
    assert np.abs(distances_m(depth_pixels(given, NEAR, FAR), NEAR, FAR) - given).max() < 0.00251
    assert np.isnan(distances_m(np.zeros(1, np.uint8), NEAR, FAR)[0])
