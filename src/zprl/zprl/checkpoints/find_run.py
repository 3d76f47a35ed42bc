"""Finds a run by its path or its name."""

from pathlib import Path

from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl_core.errors import quoted

MOST = 20  # runs listed in an error


def find_run(run: str, runs: Path, has: str = "config.json") -> RunFolder:
    """Return the folder of a run, given as a path or as a name in `runs`. Raises RunError listing what there is.

    `has`: file or folder that must be in it. The runs of zprl up have a record, but no config.json.
    """
    candidates = Path(run).expanduser(), runs / run
    for path in candidates:
        if (path / has).exists():
            return RunFolder(path)
    found = sorted(path.parent.name for path in runs.glob(f"*/{has}"))
    there = f"{runs} has {', '.join(found[:MOST])}" if found else f"{runs} has no run"
    raise RunError(f"{quoted(run)} is neither the folder of a run nor the name of one; {there}")
