"""Writes and reads the video of one camera of demonstrations. PyAV is loaded when a video is written or read."""

from collections.abc import Iterable, Iterator
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from av.video.stream import VideoStream

Image = npt.NDArray[np.uint8]


class Codec(str, Enum):
    """The codec of a video."""

    H264 = "h264"  # lossy: a pixel changes invisibly
    FFV1 = "ffv1"  # lossless, three to seven times as large


# Measured on rendered 128x128 images: 2 kB a frame and a PSNR of 47 dB with CRF 8, 6 kB with FFV1.
ENCODERS: dict[Codec, tuple[str, str, dict[str, str]]] = {
    Codec.H264: ("libx264rgb", "rgb24", {"crf": "8", "preset": "veryfast"}),
    Codec.FFV1: ("ffv1", "bgr0", {"level": "3"}),
}


class VideoError(Exception):
    """A video cannot be read; the message says why."""


class VideoWriter:
    """Encodes the frames of one video into a Matroska file, the same file for the same frames."""

    def __init__(self, path: Path, shape: tuple[int, ...], rate_hz: float, codec: Codec = Codec.H264):
        """`shape` of a frame: (h, w, 3) for RGB, (h, w, 1) for gray."""
        import av

        encoder, pixels, options = ENCODERS[codec]
        self._shape = shape
        self._file = av.open(str(path), "w", format="matroska", container_options={"fflags": "+bitexact"})
        rate = Fraction(rate_hz).limit_denominator(1000)
        stream: VideoStream = self._file.add_stream(encoder, rate=rate, options=options)
        stream.height, stream.width, stream.pix_fmt = shape[0], shape[1], pixels
        stream.codec_context.thread_count = 1  # several make another file, and compete with the simulation
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        self._stream: VideoStream | None = stream

    def check(self, frame: Image) -> None:
        """Raises ValueError for a frame of another shape or type."""
        if frame.shape != self._shape or frame.dtype != np.uint8:
            raise ValueError(f"a frame must be uint8 of shape {self._shape}, got {frame.dtype} {frame.shape}")

    def write(self, frames: Iterable[Image]) -> None:
        """Encodes frames (h, w, c) uint8. Raises ValueError for another shape or type."""
        from av import VideoFrame

        assert self._stream is not None
        for frame in frames:
            self.check(frame)
            rgb = np.ascontiguousarray(np.broadcast_to(frame, (*frame.shape[:2], 3)))
            self._file.mux(self._stream.encode(VideoFrame.from_ndarray(rgb, format="rgb24")))

    def close(self) -> None:
        """Completes the file. Does nothing the second time."""
        if self._stream is not None:
            self._file.mux(self._stream.encode(None))
            self._file.close()
            self._stream = None


def frames_of(path: Path, shape: tuple[int, ...]) -> Iterator[Image]:
    """Yields the frames (h, w, c) of a video one by one. Raises VideoError if it is damaged or of another size."""
    import av

    try:
        with av.open(str(path)) as file:
            file.streams.video[0].codec_context.thread_count = 1
            for frame in file.decode(video=0):
                if (frame.height, frame.width) != shape[:2]:
                    raise VideoError(f"it has frames of {frame.width} x {frame.height}, not {shape[1]} x {shape[0]}")
                yield _pixels(frame)[:, :, : shape[2]]
    except (av.error.FFmpegError, LookupError) as error:
        raise VideoError(str(error)) from None


def _pixels(frame: Any) -> Image:
    pixels: Image = frame.to_ndarray(format="rgb24")
    return pixels
