"""An experiment tracker as a run sees it, and what a tracker is told about the run."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from zprl.checkpoints.run_folder import RunFolder
from zprl.training.tracking.run_tables import Marks, Point

PROJECT = "zprl"


class TrackerKind(Enum):
    """The trackers that zprl knows."""

    WANDB = "wandb"
    MLFLOW = "mlflow"


@dataclass(frozen=True)
class TrackedRun:
    """Name and settings of a run, and the folder in which a tracker keeps its files."""

    name: str
    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)


class Tracker(Protocol):
    """Takes the points of one run."""

    def marks(self) -> Marks:
        """Return what this tracker has of the run, from earlier calls too."""

    def send(self, points: Sequence[Point], marks: Marks) -> None:
        """Take some points; then it has what `marks` says. Errors are those of its library."""

    def close(self) -> None:
        """Finish what is on its way."""


def tracked_run(folder: RunFolder) -> TrackedRun:
    """Describe a run by its config.json, which a run of `zprl up` does not have. Raises RunError if it is damaged."""
    config = folder.read("config") or {}
    numbers = {name: _plain(value) for name, value in config.get("numbers", {}).items()}
    settings = {name: _plain(value) for name, value in config.get("settings", {}).items() if value is not None}
    versions = {f"version.{name}": text for name, text in config.get("versions", {}).items()}
    return TrackedRun(folder.name, folder.path.absolute() / "trackers", {**settings, **numbers, **versions})


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool) else json.dumps(value)
