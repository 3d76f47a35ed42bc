"""Episodes of a data set as arrays, and what reads them from a file of any format."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from zprl_cli.datasets.saved_specs import SavedSpecs

Array = npt.NDArray[np.generic]


@dataclass(frozen=True)
class DatasetEpisode:
    """One episode of T control steps."""

    name: str
    arrays: Mapping[str, Array]  # (T, n) numbers or (T, h, w, c) uint8 images, by key


class DatasetReader(Protocol):
    """Reads a data set episode by episode, in the order in which they were recorded."""

    path: Path
    rate_hz: float | None  # control steps per second; None if the data set does not say
    shapes: Mapping[str, tuple[int, ...]]  # of one step, by key
    names: Mapping[str, tuple[str, ...]]  # of the numbers of a key, where the data set has them
    saved: SavedSpecs | None  # of an export of zprl
    count: int  # of the episodes

    def episodes(self, keys: Collection[str]) -> Iterator[DatasetEpisode]:
        """Yields the episodes with the arrays of `keys`, which must be in `shapes`.

        Raises RecordError with file, key and cause when the data set is damaged.
        """
        ...


def rows_of(array: Any) -> Array:
    """Returns an array whose first dimension is time with at least one other: (T, 1) for (T,)."""
    made = np.asarray(array)
    return made[:, None] if made.ndim == 1 else made
