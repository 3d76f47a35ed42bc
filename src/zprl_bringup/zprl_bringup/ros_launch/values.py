"""Values of options as the text of launch arguments, and back."""

from enum import Enum
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from zprl_bringup.graph.spec import GraphError
from zprl_core.config.metadata import Range, description

FLAGS = {"true": True, "false": False}


def to_text(value: Any) -> str:
    """Write the value of an option as text. None and an empty tuple are the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(to_text, value))
    return str(value.value if isinstance(value, Enum) else value)


def from_text(name: str, text: str, hint: Any) -> Any:
    """Read the value of the option `name`, whose annotated type is `hint`. Raises GraphError naming the option."""
    kind = _type(hint)
    if get_origin(kind) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    kinds = get_args(kind) or (kind,)
    if NoneType in kinds and not text:
        return None
    (kind,) = (each for each in kinds if each is not NoneType)
    if choices := _values(kind):
        if text not in choices:
            raise GraphError(f"{name}:={text[:50]!r} is unknown; choose one of {', '.join(choices)}")
        return choices[text]
    return _number(name, text, kind, description(hint).range) if kind in (int, float) else kind(text)


def choices_of(hint: Any) -> tuple[str, ...]:
    """Return the texts that an option of this annotated type can have; empty: any."""
    return tuple(_values(_type(hint)))


def _type(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _values(kind: Any) -> dict[str, Any]:
    if kind is bool:
        return FLAGS
    return {to_text(choice): choice for choice in kind} if isinstance(kind, type) and issubclass(kind, Enum) else {}


def _number(name: str, text: str, kind: type, within: Range | None) -> Any:
    try:
        number = kind(text)
        if within is not None and number not in within:
            raise ValueError
    except ValueError:
        wanted = "whole number" if kind is int else "number"
        where = f" within {within}" if within else ""
        raise GraphError(f"{name}:={text[:50]!r} is not a {wanted}{where}") from None
    return number
