"""Collects demonstrations step by step: an episode counts only once it is kept, and its images are encoded then."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt

from zprl.training.demo_images import DemoImages, codec_of
from zprl.training.demos import Demos
from zprl.training.video import Codec, VideoWriter
from zprl.training.video_thread import VideoThread
from zprl_core.action_spec import ActionSpec
from zprl_core.observation import Observation
from zprl_core.observation_spec import ObservationSpec
from zprl_core.streams.camera_model import CameraModel


class DemoRecorder:
    """Collects the demonstrations of one task. Images go into videos in `folder`; memory holds those of one episode.

    Raises ValueError when the observation has images and there is no folder.
    """

    def __init__(
        self,
        observation: ObservationSpec,
        action: ActionSpec,
        folder: Path | None = None,
        codec: Codec = Codec.H264,
        cameras: Mapping[str, CameraModel] | None = None,
    ):
        """`cameras`: those that are known, by stream name."""
        self.observation, self.action, self.folder, self.cameras = observation, action, folder, dict(cameras or {})
        if observation.images and folder is None:
            raise ValueError("demonstrations with images are recorded into a folder; give one")
        self._states: list[npt.NDArray[np.float32]] = []
        self._actions: list[npt.NDArray[np.float32]] = []
        self._ends: list[int] = []
        self._frames: dict[str, list[npt.NDArray[np.uint8]]] = {}
        self._videos: dict[str, VideoThread] = {}
        self._committed = 0  # steps whose images are encoded
        if folder is not None and observation.images:
            DemoImages.clear(folder)
            rate = action.rate_hz
            for stream in observation.images:
                path = DemoImages.path(folder, stream.name)
                self._videos[stream.name] = VideoThread(VideoWriter(path, stream.shape, rate, codec_of(stream, codec)))
        self.discard()

    def __enter__(self) -> "DemoRecorder":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with ExitStack() as stack:
            for video in self._videos.values():
                stack.callback(video.close)

    @property
    def episodes(self) -> int:
        """Number of demonstrations that are kept."""
        return len(self._ends)

    def add(self, seen: Observation, action: npt.NDArray[np.float32]) -> None:
        """Adds one control step to the current episode: what was observed, and the action (A,) in answer to it."""
        self._states.append(self.observation.state(seen))
        self._actions.append(action)
        for name, frames in self._frames.items():
            frames.append(np.array(seen.samples[name], dtype=np.uint8))

    def commit(self) -> None:
        """Encodes the images so far of the current episode, which then cannot be discarded any more."""
        for name, frames in self._frames.items():
            self._videos[name].write(frames)
        self._frames = {name: [] for name in self._frames}
        self._committed = len(self._states)

    def keep(self) -> None:
        """Ends the current episode as a demonstration."""
        self.commit()
        self._ends.append(len(self._states))
        self.discard()

    def extend(self, demos: Demos) -> None:
        """Adds demonstrations of the same specs as they are, one by one; their images are encoded again."""
        first = 0
        for last in demos.episode_ends.tolist():
            self._states += list(demos.observations[first:last])
            self._actions += list(demos.actions[first:last])
            for name, frames in self._frames.items():
                frames += list(demos.images[name][first:last])
            self.keep()
            first = last

    def discard(self) -> None:
        """Drops the current episode. Raises ValueError when its images are encoded already."""
        kept = self._ends[-1] if self._ends else 0
        if self._committed > kept:
            raise ValueError("the episode was committed, so that it can only be kept")
        del self._states[kept:], self._actions[kept:]
        self._frames = {stream.name: [] for stream in self.observation.images}

    def demos(self, task: str, seed: int) -> Demos:
        """Returns the demonstrations. Raises CheckpointError when their videos cannot be read back."""
        for video in self._videos.values():
            video.close()
        images = None
        if self.folder is not None and self._videos:
            images = DemoImages.load(self.folder, self.observation, len(self._states))
        arrays = np.asarray(self._states), np.asarray(self._actions), np.asarray(self._ends, dtype=np.int64)
        return Demos(*arrays, task, seed, self.observation, self.action, images or {}, self.cameras)
