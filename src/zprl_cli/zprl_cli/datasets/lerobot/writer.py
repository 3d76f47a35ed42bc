"""Writes demonstrations as a LeRobot data set of version 3."""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from zprl_cli.datasets.dataset_episode import Array
from zprl_cli.datasets.dataset_format import INFO
from zprl_cli.datasets.lerobot.info import info_text
from zprl_cli.datasets.lerobot.layout import (
    ACTION,
    COUNTERS,
    DATA_PATH,
    EPISODES,
    FILE,
    META,
    SPECS,
    STATE,
    STATS,
    TASKS,
    VIDEO_PATH,
    LeRobotLayout,
    file_path,
)  # fmt: skip
from zprl_cli.datasets.lerobot.stats import FeatureStats, PixelCounts, number_stats
from zprl_cli.datasets.lerobot.tables import vector, write_tasks
from zprl_cli.datasets.lerobot.video import LeRobotVideoWriter
from zprl_cli.datasets.physical import sample_numbers, target_numbers
from zprl_cli.datasets.saved_specs import SavedSpecs
from zprl_core.bags.bag_step import BagStep
from zprl_core.errors import RecordError


class LeRobotWriter:
    """Writes episodes into a new folder; the data set is complete when the `with` block has ended."""

    def __init__(self, path: Path, saved: SavedSpecs, sentence: str = ""):
        """`sentence`: what the robot does; "" for the name of the task.

        Raises RecordError for depth images, and for a rate that is no whole number.
        """
        self._path, self._saved, self._layout = path, saved, LeRobotLayout(saved)
        self._sentence, self._fps = sentence or saved.task or "unnamed", round(saved.action.rate_hz)
        self._numbers: dict[str, list[Array]] = {}  # of every episode, for the statistics
        self._pixels: dict[str, PixelCounts] = {}
        self._rows: list[dict[str, object]] = []  # of the table of episodes
        self._steps = 0
        images = saved.observation.images
        if self._fps != saved.action.rate_hz:
            raise RecordError(
                f"LeRobot has whole frames per second, the actions {saved.action.rate_hz:g}; use robomimic"
            )
        if odd := [stream.name for stream in images if stream.shape[2] != 3]:
            raise RecordError(f"{', '.join(odd)} is not RGB, which a LeRobot video cannot keep; use --to robomimic")
        (path / META).mkdir(parents=True)
        self._open = ExitStack()
        self._videos = {self._layout.video(s): self._video(self._layout.video(s), s.shape[:2]) for s in images}
        self._data: pq.ParquetWriter | None = None

    def __enter__(self) -> "LeRobotWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
        if kind is None and self._rows:
            self._finish()

    def add(self, steps: Sequence[BagStep], success: bool) -> None:
        """Writes an episode, not its success. Raises ValueError, and writes nothing, when a number is not finite."""
        made = {STATE: [self._state(step) for step in steps], ACTION: [self._action(step) for step in steps]}
        numbers = {key: np.array(rows, np.float32) for key, rows in made.items() if rows[0]}
        if bad := [key for key, x in numbers.items() if not np.isfinite(x).all()]:
            raise ValueError(f"{', '.join(bad)} has a number that is not finite")
        pixels = {}
        for stream in self._saved.observation.images:
            key = self._layout.video(stream)
            images = [np.asarray(step.observation.samples[stream.name], np.uint8) for step in steps]
            self._videos[key].write(images)
            pixels[key] = PixelCounts()
            pixels[key].add(images)
        self._keep(numbers, pixels, len(steps))

    def _keep(self, numbers: Mapping[str, Array], pixels: Mapping[str, PixelCounts], count: int) -> None:
        columns = {key: vector(x) for key, x in numbers.items()}
        counters = self._counters(count)
        columns |= {key: pa.array(x) for key, x in counters.items()}
        table = pa.table(columns)
        if self._data is None:
            path = self._path / file_path(DATA_PATH, 0, 0)
            path.parent.mkdir(parents=True)
            self._data = self._open.enter_context(pq.ParquetWriter(path, table.schema))
        self._data.write_table(table)  # a row group for each episode
        every = {**numbers, **{key: x[:, None] for key, x in counters.items()}}
        stats = {key: number_stats(x) for key, x in every.items()}
        stats |= {key: x.stats() for key, x in pixels.items()}
        for key, x in every.items():
            self._numbers.setdefault(key, []).append(x)
        for key, found in pixels.items():
            self._pixels[key] = self._pixels.get(key, PixelCounts()).plus(found)
        self._rows.append(self._row(count, stats))
        self._steps += count

    def _counters(self, count: int) -> dict[str, Array]:
        frame = np.arange(count)
        values = (frame, np.full(count, len(self._rows)), frame + self._steps, np.zeros(count, np.int64))
        return {"timestamp": (frame / self._fps).astype(np.float32), **dict(zip(COUNTERS, values, strict=True))}

    def _row(self, count: int, stats: Mapping[str, FeatureStats]) -> dict[str, object]:
        row: dict[str, object] = {"episode_index": len(self._rows), "tasks": [self._sentence], "length": count}
        row |= {"data/chunk_index": 0, "data/file_index": 0}
        row |= {"dataset_from_index": self._steps, "dataset_to_index": self._steps + count}
        for key in self._videos:
            row |= {f"videos/{key}/chunk_index": 0, f"videos/{key}/file_index": 0}
            row[f"videos/{key}/from_timestamp"] = self._steps / self._fps
            row[f"videos/{key}/to_timestamp"] = (self._steps + count) / self._fps
        for key, found in stats.items():
            row |= {f"stats/{key}/{name}": value for name, value in found.values.items()}
        return row | {"meta/episodes/chunk_index": 0, "meta/episodes/file_index": 0}

    def _finish(self) -> None:
        episodes = self._path / EPISODES / f"{FILE.format(chunk_index=0, file_index=0)}.parquet"
        episodes.parent.mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(self._rows), episodes)
        write_tasks(self._path / TASKS, [self._sentence])
        stats = {key: number_stats(np.concatenate(parts)).values for key, parts in self._numbers.items()}
        stats |= {key: counts.stats().values for key, counts in self._pixels.items()}
        (self._path / STATS).write_text(json.dumps(stats, indent=2) + "\n")
        (self._path / SPECS).write_text(self._saved.to_text() + "\n")
        pixels = {key: video.pixels for key, video in self._videos.items()}
        text = info_text(self._layout, self._fps, len(self._rows), self._steps, pixels)
        (self._path / INFO).write_text(text)  # last: without it, the folder is no data set

    def _state(self, step: BagStep) -> list[float]:
        streams = [stream for stream in self._saved.observation.streams if stream.state_size]
        return [x for stream in streams for x in sample_numbers(stream, step.observation.samples[stream.name])]

    def _action(self, step: BagStep) -> list[float]:
        return [x for arm in self._saved.action.arms for x in target_numbers(arm, step.targets[arm.arm])]

    def _video(self, key: str, size: tuple[int, ...]) -> LeRobotVideoWriter:
        video = LeRobotVideoWriter(self._path / file_path(VIDEO_PATH, 0, 0, key), (size[0], size[1]), self._fps)
        self._open.callback(video.close)
        return video
