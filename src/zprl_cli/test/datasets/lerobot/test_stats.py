"""Statistics of numbers and pixels, worked out by hand."""

import numpy as np
import pytest

from zprl_cli.datasets.lerobot.stats import PixelCounts, number_stats


def test_numbers() -> None:
    found = number_stats(np.array([[1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [6.0, 0.0]])).values
    # mean 12 / 4; deviations -2, -1, 0, 3: variance 14 / 4
    assert (found["min"], found["max"], found["mean"], found["count"]) == ([1.0, 0.0], [6.0, 0.0], [3.0, 0.0], [4])
    assert found["std"] == pytest.approx([3.5**0.5, 0.0]) and found["q50"] == [2.5, 0.0]


def test_pixels_are_counted_by_channel() -> None:
    counts = PixelCounts()
    image = np.zeros((2, 2, 3), np.uint8)
    image[0, :, 0], image[1, :, 0] = 0, 255  # red: half black, half bright
    image[:, :, 1] = 51  # green: 0.2 everywhere
    counts.add([image])
    found = counts.plus(counts).stats().values
    assert np.ravel(found["mean"]) == pytest.approx([0.5, 0.2, 0.0])
    assert np.ravel(found["std"]) == pytest.approx([0.5, 0.0, 0.0], abs=1e-9)
    assert np.ravel(found["max"]) == pytest.approx([1.0, 0.2, 0.0]) and found["count"] == [2]
    assert np.ravel(found["q99"]) == pytest.approx([1.0, 0.2, 0.0])


def test_of_many_images_some_are_looked_at() -> None:
    counts = PixelCounts()
    counts.add([np.zeros((1, 1, 3), np.uint8)] * 250)
    assert counts.frames == 84  # every third
