"""The origin of a record, an actor or a robot's state, in `specs.json` of its folder and in each checkpoint.

Earlier versions wrote the specs only, or no file.
"""

import contextlib
import json
import os
from pathlib import Path

from zprl.checkpoints.metadata import read_metadata
from zprl.checkpoints.origin import Origin, OriginError, differing, merged, origin_difference, read_origin
from zprl.checkpoints.rotation import checkpoints
from zprl.checkpoints.run_folder import RunFolder
from zprl_core.errors import CheckpointError, RecordError, quoted, remedy
from zprl_core.files import sync_folder

NAME = "specs.json"
ORIGIN = "origin"  # key in checkpoint.json of a learner


def keep_origin(folder: Path, now: Origin, name: str) -> str:
    """Write the origin into a folder, or compare it with the one that is there, and fill in what that lacks.

    Returns a warning when the folder was used before and does not say with which base; "" otherwise. Raises OriginError
    with a table when the folder was made with another base, task, preset or steering, RecordError when the file is
    damaged.
    """
    path = folder / NAME
    used = folder.exists() and any(not each.name.startswith(".") for each in folder.iterdir())
    then = read_origin_file(path)
    if then is not None:
        _compare(then, now, name, folder)
    full = now if then is None else merged(then, now)
    if full != then:
        _write(path, full)
    if not used or (then is not None and then.base):
        return ""
    return (
        f"the {name} in {folder} was made by an earlier version, which did not record its base; "
        f"from now on it belongs to base {now.base_text}"
    )


def check_origin(folder: Path, now: Origin, name: str, run: Path | None = None) -> None:
    """Compare the origin in a folder, if there is one. Raises OriginError like `keep_origin`, and changes nothing."""
    then = read_origin_file(folder / NAME)
    if then is not None:
        _compare(then, now, name, folder, run)


def check_run_origin(run: RunFolder, now: Origin) -> None:
    """Compare the origins of a run's record, actor and robots. Raises OriginError, and changes nothing."""
    robots = sorted(run.robots.iterdir()) if run.robots.is_dir() else []
    states = (("state of a robot", each) for each in robots)
    for name, folder in (("record", run.record), ("actor", run.actor), *states):
        check_origin(folder, now, name, run.path)


def actor_origin(actor: Path) -> Origin | None:
    """Read the origin of an actor: a folder of checkpoints, or one of them.

    For an actor of an earlier version it is the base of the run that the actor lies in; None outside a run. Raises
    CheckpointError or RecordError when it is damaged.
    """
    newest = next(iter(checkpoints(actor)), actor)
    try:
        saved = read_metadata(newest).get(ORIGIN)
    except CheckpointError:
        saved = None  # `load_actor` reports it, or uses an earlier checkpoint
    if saved is not None:
        return _parse(saved, newest / "checkpoint.json")
    files = (read_origin_file(path) for path in (actor / NAME, actor.parent / NAME))
    found = next(filter(None, files), None)
    if found is not None and found.base:
        return found
    of_run = _origin_of_run(actor)
    return of_run if found is None or of_run is None else merged(found, of_run)


def _origin_of_run(actor: Path) -> Origin | None:
    """Return the base of the run that an actor lies in; None without a base that can be read."""
    for run in actor.absolute().parents[:2]:
        if (run / "config.json").exists() and (run / "base" / "checkpoint.json").exists():
            with contextlib.suppress(CheckpointError):
                return read_origin(run / "base")
    return None


def check_actor_origin(actor: Path, now: Origin) -> None:
    """Compare the base with that of an actor. Raises OriginError with a table when the actor was made with another."""
    then = actor_origin(actor)
    if then is not None:
        _compare(then, now, "actor", actor)


def check_learner_origin(record: Path, actor: Path, now: Origin) -> None:
    """Compare the origins of a learner's record and checkpoints. Raises OriginError, and changes nothing."""
    for name, folder in (("record", record), ("actor", actor)):
        check_origin(folder, now, name)
    check_actor_origin(actor, now)


def read_origin_file(path: Path) -> Origin | None:
    """Read the origin in a file; None without the file. Raises RecordError when it is damaged."""
    try:
        values = json.loads(path.read_text())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, OSError, RecursionError) as error:
        raise RecordError(f"{path} is damaged ({quoted(error)}); restore it, or move its folder away") from None
    return _parse(values, path)


def _parse(values: object, path: Path) -> Origin:
    try:
        if not isinstance(values, dict):
            raise ValueError("it is not a JSON object")
        return Origin.from_json(values)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RecordError(f"{path} is damaged ({quoted(error)}); restore it, or move its folder away") from None


def _compare(then: Origin, now: Origin, name: str, folder: Path, run: Path | None = None) -> None:
    table = origin_difference(then, now, f"the {name}")
    if not table:
        return
    names = " and ".join(differing(then, now)) or "base"
    raise OriginError(
        f"the {name} in {folder} was made with another {names}: give that {names}, or another run folder; "
        f"nothing was changed\n{table}",
        run,
    )


def _write(path: Path, origin: Origin) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        with new.open("w") as file:
            json.dump(origin.to_json(), file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise RecordError(f"cannot write {path}: {error}; {remedy(error)}") from None
