"""Videos of demonstrations: lossless ones exactly, lossy ones nearly."""

from pathlib import Path

import numpy as np
import pytest

from zprl.training.video import Codec, VideoError, VideoWriter, frames_of


def frames(n: int, shape: tuple[int, int, int] = (32, 48, 3)) -> np.ndarray:
    """A bright square that moves over a gradient, as a rendered scene has edges and shades."""
    h, w, c = shape
    y, x = np.mgrid[:h, :w]
    images = np.stack([np.stack([(2 * x + 3 * y + 40 * k) % 120 for k in range(c)], -1)] * n).astype(np.uint8)
    for k in range(n):
        images[k, 5:15, (2 * k) % (w - 10) : (2 * k) % (w - 10) + 10] = 220
    return images


def written(path: Path, images: np.ndarray, codec: Codec) -> Path:
    video = VideoWriter(path, images.shape[1:], 20.0, codec)
    video.write(images[:3])
    video.write(images[3:])
    video.close()
    video.close()
    return path


@pytest.mark.parametrize("shape", [(32, 48, 3), (31, 17, 3), (32, 48, 1)])
def test_a_lossless_video_keeps_every_pixel(tmp_path: Path, shape: tuple[int, int, int]) -> None:
    images = frames(12, shape)
    assert np.array_equal(list(frames_of(written(tmp_path / "a.mkv", images, Codec.FFV1), shape)), images)


@pytest.mark.parametrize("shape", [(32, 48, 3), (31, 17, 3), (32, 48, 1)])
def test_a_lossy_video_changes_pixels_invisibly(tmp_path: Path, shape: tuple[int, int, int]) -> None:
    images = frames(40, shape)
    found = np.asarray(list(frames_of(written(tmp_path / "a.mkv", images, Codec.H264), shape)))
    error = np.mean(np.square(found.astype(float) - images), axis=(1, 2, 3))
    assert found.shape == images.shape and 10 * np.log10(255**2 / error.max()) > 40.0  # PSNR [dB]


@pytest.mark.parametrize("codec", list(Codec))
def test_the_same_frames_make_the_same_file(tmp_path: Path, codec: Codec) -> None:
    first, again = (written(tmp_path / f"{k}.mkv", frames(20), codec).read_bytes() for k in range(2))
    assert first == again


def test_a_frame_of_another_shape_or_type_is_refused(tmp_path: Path) -> None:
    video = VideoWriter(tmp_path / "a.mkv", (32, 48, 3), 20.0)
    for wrong in (np.zeros((32, 32, 3), np.uint8), np.zeros((32, 48, 3), np.float32)):
        with pytest.raises(ValueError, match=r"must be uint8 of shape \(32, 48, 3\), got"):
            video.write([wrong])
    video.close()


def test_a_file_that_is_no_video_of_this_size_says_why(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mkv", frames(5), Codec.H264)
    with pytest.raises(VideoError, match="it has frames of 48 x 32, not 32 x 32"):
        list(frames_of(path, (32, 32, 3)))
    path.write_bytes(b"no video")
    with pytest.raises(VideoError):
        list(frames_of(path, (32, 48, 3)))
