"""Converts nested configuration to flat, dotted names and back, as ROS parameters need it."""

import dataclasses
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def flatten(config: Any, prefix: str = "") -> dict[str, Any]:
    """Returns {"learner.sac.critics": 2, ...} for a nested dataclass. An enum becomes its value."""
    flat: dict[str, Any] = {}
    for item in dataclasses.fields(config):
        value = getattr(config, item.name)
        if dataclasses.is_dataclass(value):
            flat |= flatten(value, f"{prefix}{item.name}.")
        else:
            flat[prefix + item.name] = value.value if isinstance(value, Enum) else value
    return flat


def unflatten(kind: type[T], flat: Mapping[str, Any], prefix: str = "") -> T:
    """Rebuilds the dataclass `kind` from the output of `flatten`. Raises ValueError naming what does not fit."""
    hints, values = get_type_hints(kind), {}
    for item in dataclasses.fields(cast(Any, kind)):
        name, hint = prefix + item.name, hints[item.name]
        if dataclasses.is_dataclass(hint):
            values[item.name] = unflatten(cast(Any, hint), flat, f"{name}.")
        elif isinstance(hint, type) and issubclass(hint, Enum):
            values[item.name] = _choice(hint, flat[name], name)
        elif get_origin(hint) is tuple:
            values[item.name] = tuple(_float(value, get_args(hint)) for value in flat[name])
        else:
            values[item.name] = _float(flat[name], get_args(hint) or (hint,))
    return kind(**values)


def _float(value: Any, hints: tuple[Any, ...]) -> Any:
    """Converts an integer to a float where a float is expected; ROS would treat 1 as another type than 1.0."""
    return float(value) if type(value) is int and float in hints and int not in hints else value


def _choice(kind: type[Enum], value: Any, name: str) -> Enum:
    for choice in kind:
        if value == choice.value:
            return choice
    raise ValueError(f"{name} is {value!r}; choose one of {', '.join(str(c.value) for c in kind)}")
