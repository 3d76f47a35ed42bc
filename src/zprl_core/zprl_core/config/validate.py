"""Whether what came from a file or a parameter has the types that a dataclass wants."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, get_args, get_origin, get_type_hints

PLAIN = (bool, int, float, str, type(None))


def check_types(kind: type, flat: Mapping[str, Any], prefix: str = "") -> None:
    """Raises ValueError that names the first value of `flat`, as `flatten` gives it, that `kind` cannot take."""
    hints = get_type_hints(kind)
    for item in dataclasses.fields(kind):
        name, hint = prefix + item.name, hints[item.name]
        if dataclasses.is_dataclass(hint):
            check_types(hint, flat, f"{name}.")  # type: ignore[arg-type]
        elif name not in flat:
            raise ValueError(f"{name} is missing")
        elif get_origin(hint) is tuple:
            _check_row(name, flat[name], get_args(hint))
        else:
            _check(name, flat[name], get_args(hint) or (hint,))


def _check_row(name: str, values: Any, kinds: tuple[Any, ...]) -> None:
    """A tuple, which ROS gives as an array."""
    values = list(values) if hasattr(values, "__iter__") and not isinstance(values, str) else None
    if values is None or (kinds[-1] is not Ellipsis and len(values) != len(kinds)):
        raise ValueError(f"{name} must be {'a list' if kinds[-1] is Ellipsis else f'{len(kinds)} values'}")
    for i, value in enumerate(values):
        _check(f"{name}[{i}]", value, (kinds[0] if kinds[-1] is Ellipsis else kinds[i],))


def _check(name: str, value: Any, kinds: tuple[Any, ...]) -> None:
    if any(kind not in PLAIN for kind in kinds):
        return  # a choice, or a list: the dataclass itself looks at it
    fits = type(value) in kinds or (float in kinds and type(value) is int)
    if not fits:
        wanted = " or ".join(kind.__name__ for kind in kinds)
        raise ValueError(f"{name} is {repr(value)[:50]}, it must be {wanted}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name} is {value}, it must be a finite number")
