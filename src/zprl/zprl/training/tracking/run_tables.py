"""Reads what is new in the tables that a run writes: metrics, episodes, interim and final evaluations."""

import csv
import io
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

Marks = Mapping[str, int]  # what a tracker has of each table: the greatest number of a row, such as its control step


@dataclass(frozen=True)
class Point:
    """Finite values by name, at a number of control steps of the run."""

    env_steps: int
    values: Mapping[str, float]


@dataclass(frozen=True)
class Entry:
    """A row of a table: its point, and the mark of a tracker that has it."""

    table: str  # name of the mark
    number: int
    point: Point


@dataclass(frozen=True)
class Table:
    """A CSV file that grows. `key`: name and number of a row's mark; numbers grow under each name."""

    file: str
    key: Callable[[Mapping[str, str]], tuple[str, int]]
    values: Callable[[Mapping[str, str]], dict[str, float]]

    def entries(self, metrics: Path) -> Iterator[Entry]:
        """Yield the rows in their order, without those that are damaged or not yet complete."""
        for row in _rows(metrics / self.file):
            try:
                name, number = self.key(row)
                yield Entry(name, number, Point(int(row["env_steps"]), _finite(self.values(row))))
            except (KeyError, TypeError, ValueError, ZeroDivisionError):
                continue


def _training(row: Mapping[str, str]) -> dict[str, float]:
    return {f"train/{name}": float(text) for name, text in row.items() if name not in ("wall_s", "env_steps")}


def _episode(row: Mapping[str, str]) -> dict[str, float]:
    return {"episode/success": float(row["outcome"] == "SUCCESS"), "episode/steps": float(row["steps"])}


def _held_out(row: Mapping[str, str]) -> dict[str, float]:
    return {"held_out/success": int(row["successes"]) / int(row["episodes"])}


TABLES = (
    # The learner goes on while the robot waits for it: one of the two grows from row to row.
    Table("metrics.csv", lambda row: ("metrics", int(row["env_steps"]) + int(row["updates"])), _training),
    Table("episodes.csv", lambda row: (f"episodes of {row['robot']}", int(row["episode"])), _episode),
    Table("held_out.csv", lambda row: ("held_out", int(row["env_steps"])), _held_out),
)
FINAL = ("base", "finetuned")  # evaluation_<name>.json


class RunTables:
    """The tables of the run in `folder`. A look at files that have not changed reads nothing."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._seen: tuple[object, ...] = ()

    def new(self, marks: Marks) -> list[Entry]:
        """Return the rows that a tracker with these marks lacks, as far as files have changed since the last call."""
        seen = tuple(_state(path) for path in self._paths())
        if seen == self._seen:
            return []
        self._seen = seen
        newest = dict(marks)
        found = []
        for entry in self._entries():  # a resumed run repeats control steps, and a run that was repaired episodes
            if entry.number > newest.get(entry.table, -1):
                newest[entry.table] = entry.number
                found.append(entry)
        return found

    def _paths(self) -> Iterator[Path]:
        yield from (self.folder / "metrics" / table.file for table in TABLES)
        yield from (self.folder / f"evaluation_{name}.json" for name in FINAL)

    def _entries(self) -> Iterator[Entry]:
        for table in TABLES:
            yield from table.entries(self.folder / "metrics")
        for name in FINAL:
            yield from _evaluation(self.folder / f"evaluation_{name}.json", name)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the complete rows of a CSV file; none without the file."""
    try:
        content = path.read_bytes()
    except OSError:
        return
    complete = content[: content.rfind(b"\n") + 1].decode(errors="replace")
    yield from csv.DictReader(io.StringIO(complete, newline=""))


def _evaluation(path: Path, name: str) -> Iterator[Entry]:
    """Yield a final evaluation; its number is the time of the file, as it may be made anew."""
    try:
        made = path.stat().st_mtime_ns
        found = json.loads(path.read_text())
        steps = 0 if name == "base" else int(found["env_steps"])
        rate = found["successes"] / found["episodes"]
        yield Entry(f"evaluation_{name}", made, Point(steps, _finite({f"evaluation/{name}": rate})))
    except (OSError, KeyError, TypeError, ValueError, ZeroDivisionError):
        return


def _finite(values: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in values.items() if math.isfinite(value)}


def _state(path: Path) -> tuple[int, int]:
    """Size and time of a file; zeros without it."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns
