"""tyro shows the fields' own descriptions, and builds the same values."""

from dataclasses import dataclass, field
from typing import Annotated

import pytest
import tyro

from zprl_core.config.command_line import described_fields
from zprl_core.config.metadata import Range


@dataclass(frozen=True)
class Inner:
    speed: Annotated[float, "speed along each axis [m/s]", Range(0, 2)] = 0.4


@dataclass(frozen=True)
class Outer:
    name: Annotated[str, "name of the run"]
    inner: Inner = field(default_factory=Inner)
    count: Annotated[int, "how many"] = 3


def parsed(*args: str) -> Outer:
    return tyro.cli(Outer, args=args, registry=described_fields())


def test_help_has_text_and_range_of_each_field(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed("--help")
    shown = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "speed along each axis [m/s], within [0, 2]" in shown
    assert "name of the run" in shown and "how many (default: 3)" in shown


def test_flags_make_the_dataclass() -> None:
    assert parsed("--name", "a", "--inner.speed", "1.5") == Outer("a", Inner(1.5))


def test_what_has_no_default_must_be_given() -> None:
    with pytest.raises(SystemExit):
        parsed("--count", "4")


def test_a_default_of_the_whole_is_taken() -> None:
    default = Outer("b", Inner(0.1), 7)
    assert tyro.cli(Outer, args=["--count", "8"], default=default, registry=described_fields()) == Outer(
        "b", Inner(0.1), 8
    )
