"""The place that a command writes a new file or folder to."""

from pathlib import Path

from zprl_core.errors import RecordError, remedy


def check_absent(out: Path) -> None:
    """Makes the parent of `out`. Raises RecordError when `out` exists, or its parent cannot be made."""
    if out.exists() or out.is_symlink():
        raise RecordError(f"{out} exists; give another --out, or remove it")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordError(f"cannot make the folder {out.parent}: {error}; {remedy(error)}") from None
