"""A run folder, runs/<name>/: everything that a run writes and a later call resumes from."""

import contextlib
import dataclasses
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from zprl.checkpoints.run_difference import difference_table, differences
from zprl.checkpoints.run_migrations import FORMAT, KEY, LaterFormatError, migrated
from zprl_core.errors import quoted, remedy
from zprl_core.host.owned_lock import acquire, owner_words

LOCK = ".lock"
SHOWN = 12  # differences in an error
BEFORE_WORK = ("config.json", "wall_s.json", LOCK)  # files of a run that has made nothing yet
LONGEST_NAME = 255  # bytes, as in messages
PACKAGES = ("zprl", "torch", "numpy", "mujoco", "gymnasium", "safetensors", "ros-rclpy")


class RunError(Exception):
    """A run cannot continue; the message says why and what to do."""


class SettingsError(RunError):
    """A run was made with other settings. `run`: its folder, so that a command can offer a new run beside it."""

    def __init__(self, run: Path, table: str):
        super().__init__(
            f"{run} was made with other settings; continue it as it is with zprl finetune --resume {run}, finetune its "
            f"base in another run with zprl finetune --base {run}, or start a new run\n{table}"
        )
        self.run = run


@dataclasses.dataclass(frozen=True)
class RunFolder:
    """Paths of one run, and its small JSON records."""

    path: Path

    @property
    def name(self) -> str:
        """Name of the run, as in its transitions and weights, even if the folder was renamed."""
        name = (self.read("config") or {}).get("run", self.path.name)
        if not isinstance(name, str) or not name.isprintable() or len(name.encode()) > LONGEST_NAME:
            raise RunError(f"{self.path} has no usable run name ({quoted(name)}); give another --name")
        return name

    @property
    def demos(self) -> Path:
        return self.path / "demos"

    @property
    def base(self) -> Path:
        return self.path / "base"

    @property
    def actor(self) -> Path:
        return self.path / "actor"

    @property
    def record(self) -> Path:
        return self.path / "record"

    @property
    def robots(self) -> Path:
        """Journals and weights of the robots that run on this machine."""
        return self.path / "robots"

    @property
    def metrics(self) -> Path:
        return self.path / "metrics"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    def open(
        self,
        settings: Mapping[str, Any],
        numbers: Mapping[str, Any],
        can_change: Callable[[str], bool] = lambda name: False,
    ) -> None:
        """Make the folder, or resume it. Raises RunError if what it contains was made with other settings.

        `settings` are the chosen settings, `numbers` everything derived from them. `can_change`: True for a name
        such as settings.env_steps if nothing in the folder depends on it.
        """
        chosen = _metadata(settings, numbers)
        before = self.read("config")
        if before is None:
            self.path.mkdir(parents=True, exist_ok=True)
            made_by = {"versions": versions(), "python": sys.version.split()[0]}
            self.write("config", {KEY: FORMAT, "run": self.path.name, **chosen, **made_by})
            return
        differ = list(differences({key: before.get(key) for key in chosen}, chosen))
        fixed = [each for each in differ if not can_change(each.name)]
        if fixed:
            raise SettingsError(self.path, difference_table(fixed, SHOWN))
        if differ:
            self.change(settings, numbers)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other commands, also of other users, from writing the run until the block ends.

        If the block fails before it has made anything, folders that this call created are removed again. Raises
        RunError that names the other command, and OSError.
        """
        created = [folder for folder in (self.path, *self.path.parents) if not folder.exists()]
        self.path.mkdir(parents=True, exist_ok=True)
        lock = acquire(self.path / LOCK)
        if lock is None:
            raise RunError(
                f"{self.path} is in use by {owner_words(self.path / LOCK)}; wait until it has ended, or give another "
                "--name"
            )
        with lock:
            try:
                yield
            except BaseException:
                self._remove_unused(created)
                raise

    def _remove_unused(self, created: Sequence[Path]) -> None:
        """Remove the created folders, innermost first, unless the run or another one is in them."""
        if self.path not in created or any(path.name not in BEFORE_WORK for path in self.path.iterdir()):
            return
        with contextlib.suppress(OSError):  # a folder that is not empty stays
            for name in BEFORE_WORK:
                (self.path / name).unlink(missing_ok=True)
            for folder in created:
                folder.rmdir()

    def change(self, settings: Mapping[str, Any], numbers: Mapping[str, Any]) -> None:
        """Replace the settings of the run. Raises RunError."""
        self.write("config", {**(self.read("config") or {}), **_metadata(settings, numbers)})

    def remove(self, *names: str) -> None:
        """Delete outdated results of the run."""
        for name in names:
            (self.path / name).unlink(missing_ok=True)

    def read(self, record: str) -> Any:
        """Read the object in <record>.json; None without the file. Raises RunError if it is damaged."""
        path = self.path / f"{record}.json"
        try:
            if not path.exists():
                return None
            content = json.loads(path.read_text())
            if not isinstance(content, dict):
                raise ValueError("it is not a JSON object")
            return migrated(content).config if record == "config" else content
        except LaterFormatError as error:
            raise RunError(f"{path} {error}") from None
        except (TypeError, ValueError, OSError, RecursionError) as error:
            what = "restore it, or start another run" if record == "config" else "delete it, and its phase is repeated"
            raise RunError(f"{path} is damaged ({quoted(error)}); {what}") from None

    @property
    def filled(self) -> tuple[str, ...]:
        """Settings that the config of an earlier version lacks, with the values that reproduce what it did."""
        if self.read("config") is None:  # reports a damaged one
            return ()
        return migrated(json.loads((self.path / "config.json").read_text())).filled

    def write(self, record: str, content: Any) -> None:
        """Write <record>.json atomically. Raises RunError on a disk error."""
        path = self.path / f"{record}.json"
        new = path.with_suffix(".new")
        try:
            new.write_text(json.dumps(content, indent=2) + "\n")
            os.replace(new, path)
        except OSError as error:
            raise RunError(f"cannot write {path}: {error}; {remedy(error)}, then run the same command again") from None

    @contextmanager
    def timed(self, phase: str) -> Iterator[None]:
        """Add the wall time of a block to the record `wall_s`, even if it is interrupted."""
        start = time.monotonic()
        try:
            yield
        finally:
            found = self.read("wall_s") or {}
            wall = {name: s for name, s in found.items() if isinstance(s, int | float)}  # the rest is damaged
            wall[phase] = round(wall.get(phase, 0.0) + time.monotonic() - start, 2)
            self.write("wall_s", wall)


def _metadata(settings: Mapping[str, Any], numbers: Mapping[str, Any]) -> dict[str, Any]:
    """Settings and numbers as they are read back from JSON."""
    metadata: dict[str, Any] = json.loads(json.dumps({"settings": dict(settings), "numbers": dict(numbers)}))
    return metadata


def versions() -> dict[str, str]:
    """Versions of the installed packages that a result depends on."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
