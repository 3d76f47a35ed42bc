"""Names of new runs beside an existing one, for a command that must not mix the two."""

from collections.abc import Callable
from pathlib import Path

MOST = 1000  # runs of one name


def beside(folder: Path, fits: Callable[[Path], bool]) -> Path:
    """Return the first of NAME, NAME-2, NAME-3 ... that is new or fits. Raises ValueError when there are too many."""
    for number in range(1, MOST):
        path = folder if number == 1 else folder.with_name(f"{folder.name}-{number}")
        if not path.exists() or fits(path):
            return path
    raise ValueError(f"there are {MOST} runs beside {folder}; give another --name")


def free_name(folder: Path) -> str:
    """Return the first of NAME-2, NAME-3 ... that is not used."""
    return beside(folder, lambda path: False).name
