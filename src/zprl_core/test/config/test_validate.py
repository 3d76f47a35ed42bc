"""A value of the wrong type is refused with what to write instead."""

from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from zprl_core.config.validate import check_types


@dataclass
class Settings:
    rate: Annotated[float, "learning rate"] = 1e-4
    count: int = 3
    on: bool = False
    serial: str = ""
    limit: int | None = None
    row: tuple[float, float] = (0.0, 1.0)
    names: tuple[str, ...] = ()


GOOD: dict[str, Any] = {
    "rate": 1e-4, "count": 3, "on": True, "serial": "01", "limit": None, "row": [0, 1.0], "names": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("rate", "1e-4", r"rate is '1e-4'; it must be a number: write 1e-4 without quotes \(learning rate\)$"),
        ("rate", "0,5", "a number: write 0.5, with a decimal point"),
        ("rate", "fast", r"rate is 'fast'; it must be a number \(learning rate\)$"),
        ("rate", True, "rate is True; it must be a number"),
        ("rate", None, "rate is empty; it must be a number"),
        ("rate", float("inf"), "rate is inf; it must be a finite number"),
        ("count", "3", "a whole number: write 3 without quotes"),
        ("count", 3.0, "count is 3.0; it must be a whole number: write 3$"),
        ("count", 3.5, "count is 3.5; it must be a whole number$"),
        ("on", "true", "on is 'true'; it must be true or false: write true without quotes"),
        ("on", 1, "on is 1; it must be true or false: write true$"),
        ("on", "yes please", "it must be true or false$"),
        (
            "serial",
            1402433619,
            "serial is 1402433619; it must be a text in quotes: write it with quotes, '0123'; .*octal",
        ),
        ("serial", 18522072789.0, "serial is 18522072789.0; it must be a text in quotes: write it with quotes"),
        ("serial", True, "write 'true', or the yes, no, on or off that YAML read as this, with quotes"),
        ("limit", "7", "limit is '7'; it must be a whole number or empty: write 7 without quotes"),
        ("row", "0, 1", "row must be a list of 2 values"),
        ("row", [0.0], "row must be a list of 2 values"),
        ("row", [0.0, "1"], r"row\[1\] is '1'; it must be a number: write 1 without quotes"),
        ("names", 3, r"names must be a list, \[first, second\]"),
        ("names", [4], r"names\[0\] is 4; it must be a text in quotes: write it with quotes"),
    ],
)
def test_a_wrong_type_is_refused_with_what_to_write(name: str, value: object, why: str) -> None:
    check_types(Settings, GOOD)
    with pytest.raises(ValueError, match=why):
        check_types(Settings, {**GOOD, name: value})
