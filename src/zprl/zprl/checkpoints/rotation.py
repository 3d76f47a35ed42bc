"""Keeps the newest checkpoints of a run in numbered folders, and skips damaged ones when loading."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from zprl_core.errors import CheckpointError
from zprl_core.id_bounds import HIGHEST

KEEP = 3
T = TypeVar("T")


def checkpoints(folder: Path) -> list[Path]:
    """The numbered checkpoints in `folder`, newest first."""
    numbered = (path for path in folder.glob("*") if path.name.isdecimal() and path.is_dir())
    plausible = (path for path in numbered if int(path.name) <= HIGHEST)
    return sorted(plausible, key=lambda path: int(path.name), reverse=True)


def save_next(folder: Path, write: Callable[[Path], None]) -> Path:
    """Write the next checkpoint with `write`, then remove all but the newest three. Raises what `write` raises."""
    before = checkpoints(folder)
    path = folder / f"{int(before[0].name) + 1 if before else 1:06d}"
    write(path)
    for old in before[KEEP - 1 :]:
        shutil.rmtree(old, ignore_errors=True)
    return path


def load_newest(folder: Path, load: Callable[[Path], T], warn: Callable[[str], None]) -> T | None:
    """Load the newest readable checkpoint with `load`; None without one.

    For a damaged checkpoint `load` raises CheckpointError without changing anything, and `warn` is called.
    """
    for path in checkpoints(folder):
        try:
            return load(path)
        except CheckpointError as error:
            warn(f"{error}; using the checkpoint before it")
    return None
