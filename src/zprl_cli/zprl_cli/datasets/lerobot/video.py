"""Writes and reads the videos of a LeRobot data set: the frames of its episodes, one after the other."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from zprl_core.bags.h264 import rgb_of
from zprl_core.errors import RecordError, quoted

Image = npt.NDArray[np.uint8]
# A frame of high quality can be read after at most one other: training reads single frames.
CODEC, OPTIONS = "libx264", {"crf": "18", "preset": "veryfast", "g": "2", "bf": "0"}


class LeRobotVideoWriter:
    """Encodes frames of one camera as H.264 in an MP4 file."""

    def __init__(self, path: Path, size: tuple[int, int], fps: int):
        """`size`: height and width."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = av.open(str(path), "w", format="mp4")
        self._stream: Any = self._file.add_stream(CODEC, rate=Fraction(fps), options=OPTIONS)
        self._stream.height, self._stream.width = size
        self._stream.pix_fmt = self.pixels = "yuv444p" if size[0] % 2 or size[1] % 2 else "yuv420p"
        self._stream.codec_context.thread_count = 1  # several make another file

    def write(self, frames: Sequence[Image]) -> None:
        """Encodes frames (h, w, 3)."""
        for frame in frames:
            image = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
            self._file.mux(self._stream.encode(image))

    def close(self) -> None:
        """Completes the file."""
        self._file.mux(self._stream.encode(None))
        self._file.close()


class LeRobotVideoReader:
    """Reads the frames of one camera; in the order of the recording, each is decoded once."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._frames: Iterator[Image] = iter(())
        self._next = 0  # number of the next frame

    def frames(self, path: Path, first: int, count: int, shape: tuple[int, ...]) -> Image:
        """Returns (count, h, w, c) frames from number `first` on. Raises RecordError when they cannot be read."""
        if path != self._path or first < self._next:
            self._path, self._frames, self._next = path, _decoded(path), 0
        found = np.empty((count, *shape), np.uint8)
        for number in range(self._next, first + count):
            frame = next(self._frames, None)
            if frame is None:
                raise RecordError(
                    f"{path} ends after {number} frames, the data set needs {first + count}; copy it again"
                )
            if frame.shape[:2] != shape[:2]:
                raise RecordError(f"{path} has images of shape {frame.shape}, meta/info.json says {shape}")
            if number >= first:
                found[number - first] = frame[:, :, : shape[2]]
        self._next = first + count
        return found


def _decoded(path: Path) -> Iterator[Image]:
    try:
        with av.open(str(path)) as file:
            file.streams.video[0].codec_context.thread_count = 1
            for frame in file.decode(video=0):
                yield rgb_of(frame)
    except (
        av.error.FFmpegError,
        LookupError,
        AttributeError,
        ValueError,
        OSError,
    ) as error:  # without a codec, it has no context
        raise RecordError(f"{path} cannot be read as a video: {quoted(error)}; copy it again") from None
