"""The numbers of a data set that make one sample: columns of its arrays, with a unit and a form of orientation."""

import re
from dataclasses import dataclass

from zprl_cli.datasets.rotation_form import RotationForm
from zprl_core.errors import quoted

WRITTEN = re.compile(r"([^\s\[\]+]+)(?:\[(\d{1,6})(?::(\d{1,6}))?\])?")


@dataclass(frozen=True)
class Columns:
    """Columns of one array: all of them, or those from `first` to before `end`."""

    key: str
    first: int = 0
    end: int | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.first:
            raise ValueError(f"{self} has no column; write the first and one past the last, such as {self.key}[0:3]")

    def __str__(self) -> str:
        if self.end is None:
            return self.key
        alone = self.end == self.first + 1
        return f"{self.key}[{self.first}]" if alone else f"{self.key}[{self.first}:{self.end}]"


@dataclass(frozen=True)
class Source:
    """The columns of a sample; of a pose, the position and then the orientation."""

    columns: tuple[Columns, ...]
    rotation: RotationForm = RotationForm.QUATERNION
    scale: float = 1.0  # what numbers and positions are multiplied with, for meters and radians
    offset: float = 0.0  # then added to a width, joints or a vector

    def __str__(self) -> str:
        return " + ".join(map(str, self.columns))


def columns_from(text: str) -> tuple[Columns, ...]:
    """Reads columns such as `obs/eef_pos + obs/eef_quat` or `action[0:3]`. Raises ValueError for another text."""
    found = []
    for part in text.split(" + "):
        match = WRITTEN.fullmatch(part.strip())
        if match is None:
            raise ValueError(f"{quoted(text)!r} names no columns; write KEY, KEY[3], KEY[0:3] or KEY[0:3] + OTHER_KEY")
        key, first, end = match.groups()
        start = int(first or 0)
        found.append(Columns(key, start, None if first is None else int(end) if end else start + 1))
    return tuple(found)
