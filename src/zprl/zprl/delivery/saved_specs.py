"""The specs that a run's record and its actors were made with, in `specs.json` of their folders."""

import json
import os
from pathlib import Path

from zprl.models.config import BaseConfig
from zprl_core.action_spec import ActionSpec
from zprl_core.errors import RecordError, quoted, remedy
from zprl_core.files import sync_folder
from zprl_core.observation_spec import ObservationSpec
from zprl_core.spec_difference import Specs, difference

NAME = "specs.json"


def keep_specs(folder: Path, base: BaseConfig, name: str) -> None:
    """Write the base's specs into a folder, the record or the actor of a run, or compare them with what is there.

    Raises RecordError with a table when the folder was made with others, or when the file is damaged.
    """
    path = folder / NAME
    if path.exists():
        _check(path, base, name)
    else:
        _write(path, base)


def check_actor_specs(actor: Path, base: BaseConfig) -> None:
    """Compare the base with the specs of an actor: a folder of checkpoints, or one of them.

    Runs of earlier versions keep none. Raises RecordError with a table when the actor was made with others.
    """
    for path in (actor / NAME, actor.parent / NAME):
        if path.exists():
            _check(path, base, "actor")
            return


def _check(path: Path, base: BaseConfig, name: str) -> None:
    table = difference(_read(path), (base.observation, base.action), f"the {name}", "the base")
    if table:
        raise RecordError(
            f"the {name} in {path.parent} was made with another base: give that base, or another run folder\n{table}"
        )


def _read(path: Path) -> Specs:
    try:
        values = json.loads(path.read_text())
        return ObservationSpec.from_json(values["observation"]), ActionSpec.from_json(values["action"])
    except (ValueError, KeyError, TypeError, OSError, RecursionError) as error:
        raise RecordError(f"{path} is damaged ({quoted(error)}); restore it, or move its folder away") from None


def _write(path: Path, base: BaseConfig) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        with new.open("w") as file:
            json.dump({"observation": base.observation.to_json(), "action": base.action.to_json()}, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise RecordError(f"cannot write {path}: {error}; {remedy(error)}") from None
