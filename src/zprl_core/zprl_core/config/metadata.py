"""Description and range of a setting, declared at its field: `Annotated[float, "speed [m/s]", Range(0, 2)]`."""

import dataclasses
from enum import Enum
from typing import Annotated, Any, get_args, get_origin, get_type_hints


@dataclasses.dataclass(frozen=True)
class Range:
    """The allowed range of a setting, ends included; `above` excludes the lower end."""

    low: float
    high: float
    above: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"a range from {self.low} to {self.high} is empty")

    def __contains__(self, value: float) -> bool:
        return (self.low < value if self.above else self.low <= value) and value <= self.high

    def __str__(self) -> str:
        return f"{'(' if self.above else '['}{_shown(self.low)}, {_shown(self.high)}]"


def _shown(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:g}"


def up_to(high: float) -> Range:
    """Returns the range of positive numbers up to and including `high`."""
    return Range(0.0, high, above=True)


SEEDS = Range(0, 2**31 - 1)
CONTROL_RATES = Range(1.0, 200.0)  # [Hz]
GAINS = Range(1.0, 10.0)  # of a policy's command relative to the measured tool


class OfferedBy:
    """The commands that offer an option to the user, where not all of them do. Annotates a field, as Range does."""

    def __init__(self, *commands: Enum):
        self.commands = commands


@dataclasses.dataclass(frozen=True)
class Description:
    """The description and range of one field."""

    text: str = ""
    range: Range | None = None


def describe(kind: type, prefix: str = "") -> dict[str, Description]:
    """Returns the descriptions of a dataclass by flat name, as in `flatten`: "learner.sac.critics" and so on."""
    found: dict[str, Description] = {}
    for name, hint in fields_of(kind).items():
        inner = get_args(hint)[0] if get_origin(hint) is Annotated else hint
        if dataclasses.is_dataclass(inner):
            found |= describe(inner, f"{prefix}{name}.")  # type: ignore[arg-type]
        else:
            found[prefix + name] = description(hint)
    return found


def description(hint: Any) -> Description:
    """Returns the description in a type hint; an empty Description if the hint is not annotated."""
    extras = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    texts = [extra for extra in extras if isinstance(extra, str)]
    ranges = [extra for extra in extras if isinstance(extra, Range)]
    return Description(texts[0] if texts else "", ranges[0] if ranges else None)


def fields_of(kind: type) -> dict[str, Any]:
    """Returns the annotated type of each field of a dataclass by name, in order."""
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def offered_by(kind: type, command: Enum) -> dict[str, Any]:
    """Name and annotated type of the fields of a dataclass that a command offers, in their order."""
    return {
        name: hint
        for name, hint in fields_of(kind).items()
        if any(isinstance(extra, OfferedBy) and command in extra.commands for extra in get_args(hint)[1:])
    }


def check_ranges(config: Any, prefix: str = "") -> None:
    """Raises ValueError naming the first value of a dataclass instance that is outside its field's range."""
    for name, hint in fields_of(type(config)).items():
        found, value = description(hint), getattr(config, name)
        if found.range is not None and value is not None and value not in found.range:
            raise ValueError(f"{prefix}{name} is {value:g}; it must lie within {found.range}: {found.text}")
