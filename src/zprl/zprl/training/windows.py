"""Demonstrations cut into windows: an observation, and the actions that follow it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from zprl.models.observation_batch import ObservationBatch
from zprl.training.demos import Demos

AT_ONCE = 256  # images of each camera that are embedded at once


@dataclass(frozen=True)
class Windows:
    """Every observation of the demonstrations with the next H actions."""

    states: Tensor  # (N, S)
    chunks: Tensor  # (N, H, A)
    images: Mapping[str, npt.NDArray[np.uint8]] = field(default_factory=dict)  # by stream: (N, h, w, c), on disk

    def __len__(self) -> int:
        return len(self.states)

    def observations(self, rows: Tensor) -> ObservationBatch:
        """Returns the observations of these rows (B,)."""
        index = rows.numpy()
        images = {name: torch.from_numpy(x[index]) for name, x in self.images.items()}
        return ObservationBatch(self.states[rows], images)


def windows(demos: Demos, horizon: int) -> Windows:
    """Cuts demonstrations into windows. Past the end of an episode, the last action is repeated without motion."""
    index = chunk_index(demos.episode_ends, horizon)
    chunks = demos.actions[index]
    past = index != np.arange(len(index))[:, None] + np.arange(horizon)
    rows, steps = np.nonzero(past)
    chunks[rows[:, None], steps[:, None], np.nonzero(demos.action.still)[0]] = (
        0.0  # no motion; the other components are held
    )
    return Windows(torch.from_numpy(demos.observations), torch.from_numpy(chunks), demos.images)


def chunk_index(episode_ends: npt.NDArray[np.int64], horizon: int) -> npt.NDArray[np.int64]:
    """Returns (N, H): the row of each action of each window, held at the episode's last row."""
    rows = np.arange(episode_ends[-1])
    last = np.repeat(episode_ends, np.diff(episode_ends, prepend=0)) - 1
    return np.minimum(rows[:, None] + np.arange(horizon), last[:, None])


def batches(data: Windows) -> Iterator[ObservationBatch]:
    """Returns all observations in order, as many at a time as fit into memory."""
    size = AT_ONCE if data.images else len(data)
    return (data.observations(rows) for rows in torch.arange(len(data)).split(size))
