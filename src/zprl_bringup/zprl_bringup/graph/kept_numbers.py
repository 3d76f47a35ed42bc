"""Decides with which numbers a run is resumed when this release derives others from the same options."""

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum
from typing import Any, TypeVar

from zprl.checkpoints.run_difference import Difference, difference_table, differences
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.checkpoints.run_migrations import BASE
from zprl.rl.config import FinetuneConfig
from zprl_bringup.graph.kept import Kept
from zprl_bringup.graph.run_options import RunOptions
from zprl_core.config.flatten import flatten, unflatten
from zprl_core.config.validate import check_types
from zprl_core.errors import quoted
from zprl_sim.tasks.recipe import Recipe

PREFIXES = ("recipe.", "finetune.")  # of numbers that can be kept
SHOWN = 5  # names in an error
T = TypeVar("T")
Say = Callable[[str], None]


class Numbers(str, Enum):
    """The numbers of a resumed run."""

    THEN = "then"  # as it was: those in its config.json
    NOW = "now"  # as it is now: those that this release derives


def settled(options: RunOptions, folder: RunFolder, numbers: Numbers, say: Say) -> RunOptions:
    """Return the options with which the run in `folder` continues, and write their numbers into its config.

    `say` receives a table of what differs. A new run, or one with other settings, is left to `RunFolder.open`. Raises
    RunError when the run cannot continue as it was.
    """
    filled, rows = folder.filled, _differing(options, folder, say)
    if not rows:
        if filled and _is_run_of(options, folder):
            folder.change(options.saved, options.numbers)
        return options
    if numbers == Numbers.NOW:
        say("it continues as it is now (--numbers now); its results mix both")
        folder.change(options.saved, options.numbers)
        return options
    kept, lost = _as_it_was(options, folder)
    _check_kept(lost, folder)
    say(f"it continues as it was; {_command(folder)} takes the numbers of this release instead")
    folder.change(kept.saved, kept.numbers)
    return kept


def as_it_was(options: RunOptions, folder: RunFolder, say: Say, task_may_differ: bool = False) -> RunOptions:
    """Return the options with the numbers that the run in `folder` has, like `settled`, without changing the run.

    `task_may_differ`: a task that is another in this release is reported, not refused.
    """
    if not _differing(options, folder, say):
        return options
    kept, lost = _as_it_was(options, folder)
    if lost and task_may_differ:
        say(f"the task is as it is in this release ({_names(lost)})")
    else:
        _check_kept(lost, folder)
    return kept


def _differing(options: RunOptions, folder: RunFolder, say: Say) -> list[Difference]:
    """Return the numbers that differ between a run and its options; none for a run with other settings."""
    if not _is_run_of(options, folder):
        return []
    config = folder.read("config")
    if filled := folder.filled:
        say(f"{folder.path} was made by an earlier version, which did what is now {', '.join(filled)}")
    rows = list(differences(config["numbers"], _as_read(options.numbers)))
    if rows:
        release = _release(config)
        say(f"{folder.path} was made by zprl {release}, which derived other numbers\n{difference_table(rows)}")
    return rows


def _is_run_of(options: RunOptions, folder: RunFolder) -> bool:
    """Return True if the folder holds a run with these settings."""
    config = folder.read("config") or {}
    return isinstance(config.get("numbers"), dict) and config.get("settings") == _as_read(options.saved)


def _as_it_was(options: RunOptions, folder: RunFolder) -> tuple[RunOptions, list[Difference]]:
    """Return the options with the run's own numbers, and those that cannot be kept."""
    then = (folder.read("config") or {})["numbers"]
    kept = replace(options, kept=_kept(then, folder))
    return kept, [row for row in differences(then, _as_read(kept.numbers)) if row.then is not None]


def _check_kept(lost: list[Difference], folder: RunFolder) -> None:
    if lost:
        release = _release(folder.read("config") or {})
        raise RunError(
            f"{folder.path} cannot continue as it was, because its task is another in this release ({_names(lost)}): "
            f"install the release that made it (zprl {release}), or continue as it is now: {_command(folder)}"
        )


def _names(rows: list[Difference]) -> str:
    return ", ".join(row.name for row in rows[:SHOWN]) + (f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else "")


def _command(folder: RunFolder) -> str:
    return shlex.join(["zprl", "finetune", "--resume", str(folder.path), "--numbers", Numbers.NOW.value])


def _release(config: Mapping[str, Any]) -> str:
    """Return the version of zprl that made a run, for a message."""
    versions = config.get("versions")
    return quoted(versions.get("zprl", "?")) if isinstance(versions, dict) else "?"


def _kept(numbers: Mapping[str, Any], folder: RunFolder) -> Kept:
    """Rebuild the numbers of a run; those that it lacks have the default of their field.

    The numbers of its base are kept once it is pretrained; the others are those of task and specs.
    """
    try:
        return Kept(
            _rebuilt(Recipe, numbers, PREFIXES[0], Recipe()),
            _rebuilt(FinetuneConfig, numbers, PREFIXES[1], FinetuneConfig()),
            _numbers_of_base(numbers) if (folder.base / "checkpoint.json").exists() else {},
        )
    except (ValueError, TypeError) as error:
        raise RunError(
            f"{folder.path}/config.json has numbers that cannot be used ({quoted(error)}); restore it, or continue as "
            f"it is now: {_command(folder)}"
        ) from None


def _numbers_of_base(numbers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: x for name, x in numbers.items() if name.startswith(BASE)}


def _rebuilt(kind: type[T], numbers: Mapping[str, Any], prefix: str, default: T) -> T:
    known = flatten(default, prefix)
    flat = {name: numbers.get(name, value) for name, value in known.items()}
    check_types(kind, flat, prefix)
    return unflatten(kind, flat, prefix)


def _as_read(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as they are read back from JSON."""
    found: dict[str, Any] = json.loads(json.dumps(dict(values)))
    return found
