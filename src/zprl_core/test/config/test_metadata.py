"""Fields describe themselves, and their numbers stay within their ranges."""

from dataclasses import dataclass, field
from typing import Annotated

import pytest

from zprl_core.config.metadata import Description, Range, check_ranges, describe, up_to


@dataclass(frozen=True)
class Inner:
    speed: Annotated[float, "speed along each axis [m/s]", up_to(2)] = 0.4
    names: Annotated[tuple[str, ...], "names of the cameras"] = ()
    bare: int = 0

    def __post_init__(self) -> None:
        check_ranges(self, "inner.")


@dataclass(frozen=True)
class Outer:
    inner: Inner = field(default_factory=Inner)
    count: Annotated[int | None, "how many", Range(1, 2**31 - 1)] = None

    def __post_init__(self) -> None:
        check_ranges(self)


def test_descriptions_have_the_flat_names_of_the_values() -> None:
    assert describe(Outer) == {
        "inner.speed": Description("speed along each axis [m/s]", Range(0, 2, above=True)),
        "inner.names": Description("names of the cameras"),
        "inner.bare": Description(),
        "count": Description("how many", Range(1, 2**31 - 1)),
    }


@pytest.mark.parametrize("speed", [0.0, 2.1, float("nan"), float("inf")])
def test_a_number_out_of_its_range_is_refused_with_its_meaning(speed: float) -> None:
    with pytest.raises(ValueError, match=r"inner\.speed is .*; it must lie within \(0, 2\]: speed along each axis"):
        Inner(speed=speed)


def test_what_is_left_out_is_not_checked() -> None:
    assert Outer().count is None
    with pytest.raises(ValueError, match=r"count is 0; it must lie within \[1, 2147483647\]: how many"):
        Outer(count=0)


def test_an_empty_range_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        Range(2, 1)
