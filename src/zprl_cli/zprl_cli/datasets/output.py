"""The place that a command writes a new file or folder to."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zprl_core.errors import RecordError, remedy


@contextmanager
def complete_or_absent(out: Path) -> Iterator[Path]:
    """Yields a place beside `out` for a new file or folder, which becomes `out` when the block ends without an error.

    Makes the parent of `out`. Raises RecordError when `out` exists, or its parent cannot be made.
    """
    check_absent(out)
    building = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        yield building
        os.replace(building, out)
    finally:
        if building.is_dir():
            shutil.rmtree(building, ignore_errors=True)
        building.unlink(missing_ok=True)


def check_absent(out: Path) -> None:
    """Makes the parent of `out`. Raises RecordError when `out` exists, or its parent cannot be made."""
    if out.exists() or out.is_symlink():
        raise RecordError(f"{out} exists; give another --out, or remove it")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordError(f"cannot make the folder {out.parent}: {error}; {remedy(error)}") from None
