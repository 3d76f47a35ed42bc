"""Checks that values from a file or from parameters have the types of a dataclass's fields."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, get_args, get_origin, get_type_hints

from zprl_core.config.metadata import description, fields_of

PLAIN = (bool, int, float, str, type(None))


def check_types(kind: type, flat: Mapping[str, Any], prefix: str = "") -> None:
    """Raises ValueError naming the first value of `flat` (see `flatten`) whose type does not fit `kind`."""
    hints, annotated = get_type_hints(kind), fields_of(kind)
    for item in dataclasses.fields(kind):
        name, hint = prefix + item.name, hints[item.name]
        text = description(annotated[item.name]).text
        if dataclasses.is_dataclass(hint):
            check_types(hint, flat, f"{name}.")  # type: ignore[arg-type]
        elif name not in flat:
            raise ValueError(f"{name} is missing")
        elif get_origin(hint) is tuple:
            _check_row(name, flat[name], get_args(hint), text)
        else:
            _check(name, flat[name], get_args(hint) or (hint,), text)


def _check_row(name: str, values: Any, kinds: tuple[Any, ...], text: str) -> None:
    """Checks a tuple, which ROS passes as an array."""
    values = list(values) if hasattr(values, "__iter__") and not isinstance(values, str) else None
    if values is None or (kinds[-1] is not Ellipsis and len(values) != len(kinds)):
        wanted = "a list" if kinds[-1] is Ellipsis else f"{len(kinds)} values"
        raise ValueError(f"{name} must be {wanted}{_meaning(text)}")
    for i, value in enumerate(values):
        _check(f"{name}[{i}]", value, (kinds[0] if kinds[-1] is Ellipsis else kinds[i],), text)


def _check(name: str, value: Any, kinds: tuple[Any, ...], text: str) -> None:
    if any(kind not in PLAIN for kind in kinds):
        return  # an enum or a list is checked by the dataclass itself
    fits = type(value) in kinds or (float in kinds and type(value) is int)
    if not fits:
        wanted = " or ".join(kind.__name__ for kind in kinds)
        raise ValueError(f"{name} is {repr(value)[:50]}; it must be {wanted}{_meaning(text)}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name} is {value}; it must be a finite number{_meaning(text)}")


def _meaning(text: str) -> str:
    return f": {text}" if text else ""
