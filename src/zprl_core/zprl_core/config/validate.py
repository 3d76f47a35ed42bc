"""Checks that values from a file or from parameters have the types of a dataclass's fields."""

import dataclasses
import math
import re
from collections.abc import Mapping
from typing import Any, get_args, get_origin, get_type_hints

from zprl_core.config.metadata import description, fields_of

PLAIN = (bool, int, float, str, type(None))
WORDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text in quotes",
    type(None): "empty",
}
NUMBER = r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"
SHOWN = 50  # characters of a value, in an error


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
        wanted = "a list, [first, second]" if kinds[-1] is Ellipsis else f"a list of {len(kinds)} values"
        raise ValueError(f"{name} must be {wanted}{_meaning(text)}")
    for i, value in enumerate(values):
        _check(f"{name}[{i}]", value, (kinds[0] if kinds[-1] is Ellipsis else kinds[i],), text)


def _check(name: str, value: Any, kinds: tuple[Any, ...], text: str) -> None:
    if any(kind not in PLAIN for kind in kinds):
        return  # an enum or a list is checked by the dataclass itself
    fits = type(value) in kinds or (float in kinds and type(value) is int)
    if not fits:
        wanted = " or ".join(WORDS[kind] for kind in kinds)
        shown = "empty" if value is None else repr(value)[:SHOWN]
        raise ValueError(f"{name} is {shown}; it must be {wanted}{_instead(value, kinds)}{_meaning(text)}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name} is {value}; it must be a finite number{_meaning(text)}")


def _instead(value: Any, kinds: tuple[Any, ...]) -> str:
    """Returns what to write for a value that has the right meaning and the wrong type."""
    if str in kinds and isinstance(value, bool):
        return f": write '{str(value).lower()}', or the yes, no, on or off that YAML read as this, with quotes"
    if str in kinds and isinstance(value, int | float):
        return ": write it with quotes, '0123'; without them ROS reads 0123 as the octal 83 and 0189 as 189.0"
    if bool in kinds and value in (0, 1):
        return f": write {str(bool(value)).lower()}"
    if int in kinds and isinstance(value, float) and value.is_integer():
        return f": write {value:.0f}"
    return _unquoted(value, kinds) if isinstance(value, str) else ""


def _unquoted(value: str, kinds: tuple[Any, ...]) -> str:
    """Returns what to write instead of a text, where it is the text of a value of one of the kinds."""
    text = value.strip()
    if bool in kinds and text.lower() in ("true", "false"):
        return f": write {text.lower()} without quotes"
    if int in kinds and re.fullmatch(r"[-+]?\d{1,18}", text):
        return f": write {int(text)} without quotes"
    if float in kinds and re.fullmatch(NUMBER, text):
        return f": write {text} without quotes"
    if float in kinds and re.fullmatch(NUMBER, text.replace(",", ".", 1)):
        return f": write {text.replace(',', '.', 1)}, with a decimal point"
    return ""


def _meaning(text: str) -> str:
    return f" ({text})" if text else ""
