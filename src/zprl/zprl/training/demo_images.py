"""The images of demonstrations: one video per stream on disk, decoded into a cache from which training reads."""

import hashlib
import math
import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from zprl.training.video import Codec, VideoError, VideoWriter, frames_of
from zprl_core.errors import CheckpointError, quoted, remedy
from zprl_core.observation_spec import ObservationSpec, StreamSpec

Images = npt.NDArray[np.uint8]  # (N, h, w, c)
VIDEO, CACHE = ".mkv", ".raw"
BLOCK = 1 << 20  # bytes that are hashed at once
RECORD_AGAIN = "delete the folder and run zprl demos"


class DemoImages(Mapping[str, Images]):
    """Images (N, h, w, c) by stream name, read from the caches of videos in `folder`, so that memory is bounded."""

    def __init__(self, folder: Path, checksums: Mapping[str, str], arrays: Mapping[str, Images]):
        self.folder, self.checksums, self._arrays = folder, dict(checksums), dict(arrays)

    def __getitem__(self, name: str) -> Images:
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    @classmethod
    def load(
        cls, folder: Path, observation: ObservationSpec, steps: int, recorded: Mapping[str, str] | None = None
    ) -> "DemoImages":
        """Opens the videos of demonstrations with `steps` control steps, and decodes those without a valid cache.

        `recorded`: SHA-256 of each video as it was recorded; None to compute them. Raises CheckpointError when a video
        is missing, damaged, or has another number or size of frames.
        """
        checksums, arrays = {}, {}
        for stream in observation.images:
            path = cls.path(folder, stream.name)
            checksums[stream.name] = _checksum(path)
            if recorded is not None and recorded.get(stream.name) != checksums[stream.name]:
                raise CheckpointError(f"{path} is damaged (its checksum is wrong); restore it, or {RECORD_AGAIN}")
            arrays[stream.name] = _decoded(path, stream, steps, checksums[stream.name])
        return cls(folder, checksums, arrays)

    @staticmethod
    def path(folder: Path, stream: str) -> Path:
        """Returns the path of a stream's video."""
        return folder / (stream.replace("/", ".") + VIDEO)

    @staticmethod
    def clear(folder: Path) -> None:
        """Makes the folder, and removes videos and caches of an earlier recording from it."""
        folder.mkdir(parents=True, exist_ok=True)
        for path in (*folder.glob(f"*{VIDEO}"), *folder.glob(f"*{CACHE}")):
            path.unlink()


def save_images(
    images: Mapping[str, Images], folder: Path, observation: ObservationSpec, rate_hz: float, codec: Codec
) -> dict[str, str]:
    """Writes the videos of demonstrations into `folder`. Returns the SHA-256 of each, by stream name.

    Videos are copied as they are; arrays are encoded.
    """
    if isinstance(images, DemoImages):
        for name in images:
            source, path = DemoImages.path(images.folder, name), DemoImages.path(folder, name)
            if not (path.exists() and path.samefile(source)):
                shutil.copyfile(source, path)
        return images.checksums
    for name, frames in images.items():
        stream = observation[name]
        video = VideoWriter(DemoImages.path(folder, name), stream.shape, rate_hz, codec_of(stream, codec))
        video.write(frames)
        video.close()
    return {name: _checksum(DemoImages.path(folder, name)) for name in images}


def codec_of(stream: StreamSpec, codec: Codec) -> Codec:
    """Returns the codec of a stream's video: lossless for depth, whose 0 is no distance but no measurement."""
    return Codec.FFV1 if stream.is_depth else codec


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
    except OSError as error:
        raise CheckpointError(f"the video {path} cannot be read ({error}); restore it, or {RECORD_AGAIN}") from None
    return digest.hexdigest()


def _decoded(video: Path, stream: StreamSpec, steps: int, checksum: str) -> Images:
    """Returns (N, h, w, c) from the cache of a video, which is made if it is missing, or not of this video."""
    shape = (steps, *stream.shape)
    cache = video.with_name(f"{video.stem}-{checksum[:16]}{CACHE}")
    try:
        if not cache.exists() or cache.stat().st_size != math.prod(shape):
            for old in video.parent.glob(f"{video.stem}-*{CACHE}"):
                if old != cache:  # which another process that pretrains may just have made
                    old.unlink(missing_ok=True)
            _decode(video, stream, steps, cache)
        return np.memmap(cache, np.uint8, "r", shape=shape)
    except VideoError as error:
        raise CheckpointError(
            f"the video {video} cannot be used: {quoted(error)}; restore it, or {RECORD_AGAIN}"
        ) from None
    except OSError as error:
        raise CheckpointError(f"cannot write the images of {video} to {cache}: {error}; {remedy(error)}") from None


def _decode(video: Path, stream: StreamSpec, steps: int, cache: Path) -> None:
    """Writes the frames of a video to a file, which is complete or absent."""
    new, count = cache.with_name(f".{cache.name}.{socket.gethostname()}.{os.getpid()}"), 0
    try:
        with new.open("wb") as file:
            for frame in frames_of(video, stream.shape):
                count += 1
                if count <= steps:
                    file.write(frame.tobytes())
        if count != steps:
            raise VideoError(f"it has {count} frames, the demonstrations have {steps} control steps")
        os.replace(new, cache)
    finally:
        new.unlink(missing_ok=True)
