"""Runs the viewer that comes with the SDK of Rerun."""

import subprocess
import sys
from pathlib import Path

# `rerun.spawn` starts a viewer that listens on every network, without a parameter against it (rerun-sdk 0.41).
LISTEN = ("--bind", "127.0.0.1", "--port", "auto")
RUN = "import sys; from rerun_cli.__main__ import main; sys.exit(main())"  # `python -m rerun_cli` always ends with 0


def view_command(file: Path) -> list[str]:
    """Returns the command that shows a file."""
    return [sys.executable, "-c", RUN, *LISTEN, str(file)]


def view_file(file: Path) -> int:
    """Shows a file until the viewer is closed; returns its exit code."""
    return subprocess.run(view_command(file), check=False).returncode
