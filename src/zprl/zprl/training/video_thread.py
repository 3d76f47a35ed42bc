"""Encodes a video on a thread of its own, so that its frames can be rendered or read meanwhile."""

import queue
import threading
from collections.abc import Iterable

from zprl.training.video import Image, VideoWriter

WAITING = 32  # most frames that wait for the encoder


class VideoThread:
    """Passes frames on to a `VideoWriter`. FFmpeg encodes without Python's lock, on another core where there is one."""

    def __init__(self, writer: VideoWriter):
        self._writer = writer
        self._frames: queue.Queue[Image | None] = queue.Queue(WAITING)
        self._error: Exception | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="video", daemon=True)
        self._thread.start()

    def write(self, frames: Iterable[Image]) -> None:
        """Encodes frames (h, w, c) uint8 soon; they must not change any more. Waits while many are not encoded yet.

        Raises ValueError for another shape or type, and later errors of the encoder and the disk, here or in `close`.
        """
        for frame in frames:
            self._writer.check(frame)
            self._raise()
            self._frames.put(frame)

    def close(self) -> None:
        """Completes the file, once every frame is encoded. Does nothing the second time."""
        if self._closed:
            return
        self._closed = True
        self._frames.put(None)
        self._thread.join()
        self._writer.close()
        self._raise()

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        while (frame := self._frames.get()) is not None:
            if self._error is not None:  # make room, as `write` may wait for it
                continue
            try:
                self._writer.write([frame])
            except Exception as error:
                self._error = error
