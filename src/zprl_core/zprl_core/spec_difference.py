"""Compares two observation and action specs and shows the differences as a table."""

from collections.abc import Mapping
from typing import Any

from zprl_core.action_spec import ActionSpec
from zprl_core.observation_spec import ObservationSpec

NONE = "-"
LONGEST = 60  # longest value in the table, in characters
Specs = tuple[ObservationSpec, ActionSpec]
ADVISORY = ("max_age_s", "units")  # may differ: the arm's own settings decide
FRAME = "frame"  # a frame that one of the two does not give is no difference


def check_agreement(first: Specs, second: Specs, first_name: str, second_name: str, remedy: str) -> None:
    """Raises ValueError with a table of the differences; ages and units may differ."""
    table = difference(first, second, first_name, second_name)
    if table:
        raise ValueError(f"{first_name} and {second_name} do not agree: {remedy}\n{table}")


def difference(first: Specs, second: Specs, first_name: str, second_name: str) -> str:
    """Returns one line for each field that differs, with both values; "" when none does."""
    one, other = _flat(first), _flat(second)
    keys = [key for key in (*one, *(k for k in other if k not in one)) if not key.endswith(ADVISORY)]
    rows = [(key, one.get(key, NONE), other.get(key, NONE)) for key in keys]
    rows = [row for row in rows if row[1] != row[2] and not (row[0].endswith(FRAME) and NONE in row[1:])]
    if not rows:
        return ""
    rows.insert(0, ("", first_name, second_name))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return "\n".join(
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _flat(specs: Specs) -> dict[str, str]:
    observation, action = specs
    flat: dict[str, str] = {}
    for i, stream in enumerate(observation.to_json()):
        flat[f"stream {stream['name']}"] = f"no. {i + 1}"
        _flatten(f"stream {stream['name']}", {k: v for k, v in stream.items() if k != "name"}, flat)
    _flatten("action", action.to_json(), flat)
    return flat


def _flatten(prefix: str, value: Any, flat: dict[str, str]) -> None:
    if isinstance(value, Mapping):
        for key, x in value.items():
            _flatten(f"{prefix}.{key}", x, flat)
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for x in value:
            _flatten(f"{prefix}.{x.get('arm') or 'arm'}", x, flat)
    else:
        text = "x".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        flat[prefix] = (text if len(text) <= LONGEST else text[: LONGEST - 3] + "...") or NONE
