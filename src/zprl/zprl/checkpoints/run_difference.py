"""Compares the settings of a run with those of now, as a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from zprl_core.errors import quoted

LONGEST, NAMED = 40, 60  # characters of a value and of a name in the table


@dataclass(frozen=True)
class Difference:
    """A value that differs between a run and what this release derives. None: there is none."""

    name: str
    then: Any
    now: Any


def differences(then: Any, now: Any, path: str = "") -> Iterator[Difference]:
    """Compare two JSON values; dotted names, sorted, with indices for lists of objects."""
    if _are_records(then) and _are_records(now) and len(then) == len(now):
        then, now = dict(enumerate(then)), dict(enumerate(now))
    if isinstance(then, dict) and isinstance(now, dict):
        for key in sorted(then.keys() | now.keys()):
            yield from differences(then.get(key), now.get(key), f"{path}.{key}" if path else key)
    elif then != now:
        yield Difference(path, then, now)


def _are_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def difference_table(rows: Sequence[Difference], most: int | None = None) -> str:
    """Format differences as a table with the columns then and now; `most`: number of rows, by default all."""
    shown = rows[:most]
    cells = [("", "then", "now"), *((quoted(row.name)[:NAMED], _shown(row.then), _shown(row.now)) for row in shown)]
    widths = [max(len(row[column]) for row in cells) for column in range(3)]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    if len(rows) > len(shown):
        lines.append(f"and {len(rows) - len(shown)} more")
    return "\n".join(f"  {line}" for line in lines)


def _shown(value: Any) -> str:
    return "-" if value is None else quoted(value)[:LONGEST]
