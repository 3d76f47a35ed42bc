"""The videos of a LeRobot data set."""

from pathlib import Path

import numpy as np
import pytest

from zprl_cli.datasets.lerobot.video import LeRobotVideoReader, LeRobotVideoWriter
from zprl_core.errors import RecordError


def patches(height: int, width: int, count: int) -> np.ndarray:
    """Images of patches of random colors, other ones each time."""
    colors = np.random.default_rng(0).integers(0, 256, (count, height // 16 + 1, width // 16 + 1, 3), dtype=np.uint8)
    return colors.repeat(16, axis=1).repeat(16, axis=2)[:, :height, :width]


def written(path: Path, images: np.ndarray) -> Path:
    video = LeRobotVideoWriter(path, images.shape[1:3], 20)
    video.write(list(images))
    video.close()
    return path


@pytest.mark.parametrize("size", [(64, 96), (63, 95)])
def test_images_are_neither_darker_nor_brighter(tmp_path: Path, size: tuple[int, int]) -> None:
    images = patches(*size, 6)
    found = LeRobotVideoReader().frames(written(tmp_path / "a.mp4", images), 0, 6, (*size, 3))
    apart = found.astype(float) - images
    assert abs(apart.mean()) < 0.3  # -1.2 where frames of a quarter of the color become RGB directly


def test_frames_are_read_in_any_order(tmp_path: Path) -> None:
    images = patches(32, 32, 8)
    path, reader = written(tmp_path / "a.mp4", images), LeRobotVideoReader()
    every = reader.frames(path, 0, 8, (32, 32, 3))
    assert np.array_equal(reader.frames(path, 5, 2, (32, 32, 3)), every[5:7])
    assert np.array_equal(reader.frames(path, 1, 3, (32, 32, 3)), every[1:4])
    assert np.array_equal(reader.frames(path, 4, 4, (32, 32, 3)), every[4:])


def test_a_video_that_does_not_fit_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mp4", patches(32, 32, 4))
    with pytest.raises(RecordError, match=r"a.mp4 ends after 4 frames, the data set needs 6; copy it again"):
        LeRobotVideoReader().frames(path, 0, 6, (32, 32, 3))
    with pytest.raises(RecordError, match=r"has images of shape .32, 32, 3., meta/info.json says .16, 16, 3."):
        LeRobotVideoReader().frames(path, 0, 1, (16, 16, 3))
