"""tyro shows the fields' own descriptions, and builds the same values."""

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Annotated

import pytest
import tyro

from zprl_core.config.command_line import Embedded, described_fields, flags_of
from zprl_core.config.metadata import OfferedBy, Range


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


class Command(Enum):
    PLAY = "play"
    LEARN = "learn"


@dataclass(frozen=True)
class Options:
    seed: Annotated[int, "seed", Range(0, 9), OfferedBy(Command.PLAY, Command.LEARN)] = 0
    episodes: Annotated[int, "episodes to play", OfferedBy(Command.PLAY)] = 1
    real: Annotated[bool, "in real time", OfferedBy(Command.LEARN)] = False

    def __post_init__(self) -> None:
        if self.episodes < 1:
            raise ValueError("play at least one episode")


@dataclass(frozen=True)
class Play:
    """Play episodes."""

    name: Annotated[str, "name of the run"]
    options: Annotated[Options, Embedded(Command.PLAY, (("episodes", "count"),))] = Options(real=True)


def played(*args: str) -> Play:
    return tyro.cli(Play, args=args, registry=described_fields())


@dataclass(frozen=True)
class PlayAll:
    """Play episodes with every seed."""

    seeds: Annotated[tuple[int, ...], "seeds"] = (0,)
    options: Annotated[Options, Embedded(Command.PLAY, without=("seed",))] = Options()


def test_an_option_can_be_left_out_of_the_flags() -> None:
    assert {flag.name for flag in flags_of(PlayAll)} == {"seeds", "episodes"}


def test_embedded_options_are_flags_of_the_command() -> None:
    assert played("--name", "a", "--seed", "3", "--count", "5") == Play("a", Options(3, 5, real=True))
    assert played("--name", "a") == Play("a")


@pytest.mark.parametrize("flag", [("--real",), ("--episodes", "2"), ("--options.seed", "3")])
def test_a_command_has_no_flag_that_it_does_not_offer(flag: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit):
        played("--name", "a", *flag)


def test_help_of_embedded_options(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        played("--help")
    shown = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "--seed INT seed, within [0, 9] (default: 0) --count INT episodes to play (default: 1)" in shown
    assert "Play episodes." in shown and "real" not in shown


def test_what_embedded_options_refuse_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        played("--name", "a", "--count", "0")
    assert ended.value.code == 2 and "play at least one episode" in capsys.readouterr().err


class Color(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Optionals:
    """Read."""

    steps: Annotated[int | None, "steps; by default those of the recipe"] = None
    folder: Annotated[Path | None, "folder to read"] = None
    color: Annotated[Color | None, "color"] = None
    address: Annotated[str, "address"] = ""
    cameras: Annotated[tuple[str, ...], "cameras"] = ()


def test_help_does_not_show_none_as_a_value_or_a_default(capsys: pytest.CaptureFixture[str]) -> None:
    registry, config = described_fields(), (tyro.conf.EnumChoicesFromValues,)
    with pytest.raises(SystemExit):
        tyro.cli(Optionals, args=["--help"], registry=registry, config=config)
    shown = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "--steps INT steps; by default those of the recipe --folder PATH folder to read (optional)" in shown
    assert "--color {red,blue} color (optional)" in shown and "None" not in shown and "(default: )" not in shown
    args = ["--steps", "3", "--folder", "a", "--color", "blue", "--address", "b", "--cameras", "c", "d"]
    made = tyro.cli(Optionals, args=args, registry=registry, config=config)
    assert made == Optionals(3, Path("a"), Color.BLUE, "b", ("c", "d"))


def test_the_flags_of_a_command_in_order() -> None:
    flags = [(flag.name, flag.default) for flag in flags_of(Play, Play("a", Options(seed=4)))]
    assert flags == [("name", "a"), ("seed", 4), ("count", 1)]
