"""Reads demonstrations from a LeRobot data set of version 3."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zprl_cli.datasets.dataset_episode import Array, DatasetEpisode
from zprl_cli.datasets.lerobot.info import read_info
from zprl_cli.datasets.lerobot.layout import DATA_PATH, EPISODES, SPECS, VIDEO_PATH, file_path
from zprl_cli.datasets.lerobot.tables import numbers_in, read_table
from zprl_cli.datasets.lerobot.video import LeRobotVideoReader
from zprl_cli.datasets.saved_specs import SavedSpecs
from zprl_core.errors import RecordError, quoted

TOLERANCE_S = 1e-3  # of a timestamp
TIME, EPISODE, FRAME = "timestamp", "episode_index", "frame_index"


@dataclass(frozen=True)
class _Place:
    """The files of an episode."""

    number: int
    length: int
    data: Path
    videos: Mapping[str, tuple[Path, float]]  # file and time of the first frame [s], by key


class LeRobotReader:
    """The episodes of a data set, in the order of their numbers."""

    def __init__(self, path: Path):
        """Raises RecordError when the data set cannot be read, or was not finished."""
        self.path = path
        self._info = read_info(path)
        self.rate_hz: float | None = self._info.fps
        sizes = {key: (size,) for key, size in self._info.numbers.items() if key != TIME}
        self.shapes: Mapping[str, tuple[int, ...]] = {**sizes, **self._info.videos}
        self.names = self._info.names
        self._places = _places(path, tuple(self._info.videos))
        self.count = len(self._places)
        self.saved = _saved(path / SPECS)
        self._table: tuple[Path, pa.Table] | None = None

    def episodes(self, keys: Collection[str]) -> Iterator[DatasetEpisode]:
        """Yields the episodes with the arrays of `keys`. Raises RecordError with file, key and cause."""
        numbers = [key for key in keys if key in self._info.numbers]
        readers = {key: LeRobotVideoReader() for key in keys if key in self._info.videos}
        for place in self._places:
            table = self._rows(place, numbers)
            arrays: dict[str, Array] = {
                key: numbers_in(table, key, self._info.numbers[key], place.data) for key in numbers
            }
            for key, reader in readers.items():
                path, start_s = place.videos[key]
                first = round(start_s * self._info.fps)
                arrays[key] = reader.frames(path, first, place.length, self._info.videos[key])
            yield DatasetEpisode(f"episode {place.number}", arrays)

    def _rows(self, place: _Place, numbers: list[str]) -> pa.Table:
        if self._table is None or self._table[0] != place.data:
            self._table = place.data, read_table(place.data, sorted({*numbers, TIME, EPISODE, FRAME}))
        table = self._table[1]
        table = table.filter(pc.equal(table.column(EPISODE), place.number))
        where = f"{place.data}: episode {place.number}"
        if table.num_rows != place.length:
            raise RecordError(f"{where} has {table.num_rows} of {place.length} steps; the data set is incomplete")
        frames, times = (np.asarray(numbers_in(table, key, 1, place.data)[:, 0], float) for key in (FRAME, TIME))
        if not np.array_equal(frames, np.arange(place.length)):
            raise RecordError(f"{where} does not have its steps in order; record it again")
        late = np.abs(times - frames / self._info.fps)
        if not late.max() <= TOLERANCE_S * max(1.0, place.length / 1000):
            step = int(np.argmax(late))
            raise RecordError(
                f"{where} has step {step} at {times[step]:.4f} s, not as at {self._info.fps:g} frames per second; "
                "correct fps in meta/info.json"
            )
        return table


def _places(path: Path, videos: tuple[str, ...]) -> list[_Place]:
    files = sorted((path / EPISODES).glob("chunk-*/file-*.parquet"))
    if not files:
        raise RecordError(f"{path} has no episodes in {EPISODES}, so its recording was not finished; record it again")
    wanted = [EPISODE, "length", "data/chunk_index", "data/file_index"]
    for key in videos:
        wanted += [f"videos/{key}/{part}" for part in ("chunk_index", "file_index", "from_timestamp")]
    found = list[_Place]()
    for file in files:
        table = read_table(file, wanted)
        try:
            found += [_place(path, row, videos) for row in table.to_pylist()]
        except (TypeError, ValueError, pa.ArrowException) as error:
            raise RecordError(f"{file} has an episode that cannot be read: {quoted(error)}") from None
    if not found:
        raise RecordError(f"{path} has no episodes; record some")
    return sorted(found, key=lambda place: place.number)


def _place(path: Path, row: Mapping[str, object], videos: tuple[str, ...]) -> _Place:
    def whole(name: str) -> int:
        value = row[name]
        if not isinstance(value, int) or value < 0:
            raise ValueError(f"{name} is {value}")
        return value

    def video(key: str) -> tuple[Path, float]:
        start = row[f"videos/{key}/from_timestamp"]
        if not isinstance(start, float) or not 0.0 <= start < 1e9:
            raise ValueError(f"videos/{key}/from_timestamp is {start}")
        places = whole(f"videos/{key}/chunk_index"), whole(f"videos/{key}/file_index")
        return path / file_path(VIDEO_PATH, *places, key), start

    if not (length := whole("length")):
        raise ValueError("length is 0")
    data = path / file_path(DATA_PATH, whole("data/chunk_index"), whole("data/file_index"))
    return _Place(whole(EPISODE), length, data, {key: video(key) for key in videos})


def _saved(path: Path) -> SavedSpecs | None:
    if not path.exists():
        return None
    try:
        return SavedSpecs.from_text(path.read_text())
    except (OSError, ValueError) as error:
        raise RecordError(f"{path}: {error}") from None
