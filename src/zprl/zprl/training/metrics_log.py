"""Logs the metrics of a run as CSV files and TensorBoard event files."""

import csv
import math
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from torch.utils.tensorboard import SummaryWriter

from zprl.delivery.episode_statistics import EpisodeResult
from zprl.rl.learner import Learner

ROW = (
    "wall_s", "env_steps", "chunks", "updates", "episodes", "success_50", "critic_loss", "actor_loss", "q_mean",
    "temperature", "rms_u", "rms_z", "rms_ratio", "env_steps_per_s", "updates_per_s",
)  # fmt: skip
EPISODE = ("episode", "robot", "env_steps", "outcome", "steps", "return")


class MetricsLog:
    """Writes metrics.csv, episodes.csv and event files into `folder`.

    A resumed run appends its metrics and rewrites the table of episodes from those that `ended` before.
    """

    def __init__(self, folder: Path, ended: Iterable[EpisodeResult] = ()):
        folder.mkdir(parents=True, exist_ok=True)
        self._files: list[IO[str]] = []
        self._rows = self._table(folder / "metrics.csv", ROW)
        self._episodes = self._table(folder / "episodes.csv", EPISODE, "w")
        for episode in ended:
            self._write_episode(episode)
        self._events = SummaryWriter(str(folder))
        self._started = time.monotonic()

    def __enter__(self) -> "MetricsLog":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def row(
        self, learner: Learner, episodes: int, success_50: float, env_steps_per_s: float, updates_per_s: float
    ) -> None:
        """Writes one row with the learner's current metrics."""
        m = learner.metrics
        ratio = m["rms_u"] / m["rms_z"] if m.get("rms_z") else math.nan
        values = {
            "wall_s": round(time.monotonic() - self._started, 2),
            "env_steps": learner.env_steps,
            "chunks": learner.replay.added,
            "updates": learner.sac.updates,
            "episodes": episodes,
            "success_50": success_50,
            "rms_ratio": ratio,
            "env_steps_per_s": env_steps_per_s,
            "updates_per_s": updates_per_s,
        }
        values |= {name: m.get(name, math.nan) for name in ROW if name not in values}
        self._rows.writerow([values[name] for name in ROW])
        for name in ROW:
            if name not in ("wall_s", "env_steps") and not math.isnan(values[name]):
                self._events.add_scalar(name, values[name], learner.env_steps)
        self._flush()

    def episode(self, ended: EpisodeResult) -> None:
        """Writes one row for an ended episode."""
        self._write_episode(ended)
        self._flush()

    def _write_episode(self, e: EpisodeResult) -> None:
        self._episodes.writerow([e.episode, e.robot, e.env_steps, e.outcome, e.steps, float(e.outcome == "SUCCESS")])

    def close(self) -> None:
        for file in self._files:
            file.close()
        self._events.close()

    def _table(self, path: Path, header: tuple[str, ...], mode: str = "a") -> Any:
        new = mode == "w" or not path.exists()
        file = path.open(mode, newline="")
        self._files.append(file)
        writer = csv.writer(file)
        if new:
            writer.writerow(header)
        return writer

    def _flush(self) -> None:
        for file in self._files:
            file.flush()
