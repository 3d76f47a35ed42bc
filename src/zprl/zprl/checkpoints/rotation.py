"""The newest checkpoints of a run: numbered folders, the last three kept, a damaged one passed over."""

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
    """Let `write` make the next checkpoint; then remove all but the newest three. Raises what `write` raises."""
    before = checkpoints(folder)
    path = folder / f"{int(before[0].name) + 1 if before else 1:06d}"
    write(path)
    for old in before[KEEP - 1 :]:
        shutil.rmtree(old, ignore_errors=True)
    return path


def load_newest(folder: Path, load: Callable[[Path], T], warn: Callable[[str], None]) -> T | None:
    """What `load` makes of the newest checkpoint that it can read; None when there is none.

    `load` raises CheckpointError, and has changed nothing, where a checkpoint is damaged: `warn` is told.
    """
    for path in checkpoints(folder):
        try:
            return load(path)
        except CheckpointError as error:
            warn(f"{error}; going on from the checkpoint before it")
    return None
