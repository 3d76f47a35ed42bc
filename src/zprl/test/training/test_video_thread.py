"""A video that is encoded on a thread of its own is the same, and its errors arrive."""

from pathlib import Path

import numpy as np
import pytest

from zprl.training.video import Codec, VideoWriter, frames_of
from zprl.training.video_thread import WAITING, VideoThread

SHAPE = (16, 16, 3)
FRAMES = np.random.default_rng(0).integers(0, 255, (3 * WAITING, *SHAPE), dtype=np.uint8)


def test_the_file_is_that_of_the_writer(tmp_path: Path) -> None:
    plain, thread = (VideoWriter(tmp_path / f"{name}.mkv", SHAPE, 20.0, Codec.FFV1) for name in ("plain", "thread"))
    plain.write(FRAMES)
    plain.close()
    video = VideoThread(thread)
    for frame in FRAMES:
        video.write([frame])
    video.close()
    video.close()
    assert (tmp_path / "plain.mkv").read_bytes() == (tmp_path / "thread.mkv").read_bytes()
    assert np.array_equal(list(frames_of(tmp_path / "thread.mkv", SHAPE)), FRAMES)


def test_a_frame_of_another_shape_is_refused_at_once_and_the_others_are_kept(tmp_path: Path) -> None:
    video = VideoThread(VideoWriter(tmp_path / "a.mkv", SHAPE, 20.0, Codec.FFV1))
    video.write(FRAMES[:2])
    with pytest.raises(ValueError, match="must be uint8 of shape"):
        video.write(FRAMES[:1, :8])
    video.close()
    assert np.array_equal(list(frames_of(tmp_path / "a.mkv", SHAPE)), FRAMES[:2])


class Full(VideoWriter):
    """A disk that is full from the third frame on."""

    count = 0

    def write(self, frames: object) -> None:
        self.count += 1
        if self.count > 2:
            raise OSError(28, "No space left on device")


def test_an_error_of_the_disk_arrives_and_nobody_waits_for_ever(tmp_path: Path) -> None:
    video = VideoThread(Full(tmp_path / "a.mkv", SHAPE, 20.0, Codec.FFV1))
    with pytest.raises(OSError, match="No space left"):
        video.write(FRAMES)  # more than wait
    with pytest.raises(OSError, match="No space left"):
        video.close()
    video.close()
