"""A small JSON file in which a tracker keeps what it must know to continue a run."""

import json
import os
from pathlib import Path
from typing import Any

from zprl.checkpoints.run_folder import RunError


def read_state(path: Path) -> dict[str, Any]:
    """Read the file; empty without it. Raises RunError if it is damaged."""
    try:
        found = json.loads(path.read_text())
        if not isinstance(found, dict):
            raise ValueError("it is not a JSON object")
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise RunError(f"{path} is damaged ({error}); delete it, and the run is tracked from its start") from None
    return found


def write_state(path: Path, state: dict[str, Any]) -> None:
    """Replace the file. Raises OSError."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(state, indent=2) + "\n")
    os.replace(new, path)
