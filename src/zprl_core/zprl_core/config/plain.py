"""Builds a dataclass from the plain values of a JSON file, checking every type."""

import dataclasses
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar, cast

from zprl_core.config.flatten import unflatten
from zprl_core.config.validate import check_types

T = TypeVar("T")


def from_plain(kind: type[T], value: Any) -> T:
    """Rebuilds a dataclass from the output of `flatten`; a missing field takes its default.

    Raises ValueError naming the first field that is unknown, missing, or of the wrong type.
    """
    names = {field.name for field in dataclasses.fields(cast(Any, kind))}
    if not isinstance(value, Mapping):
        raise ValueError(f"{kind.__name__} must be a table of {', '.join(sorted(names))}")
    if unknown := sorted(str(key)[:50] for key in value if key not in names):
        raise ValueError(f"{kind.__name__} has no field {unknown[0]}")
    given = {**_defaults(kind), **value}
    check_types(kind, given)
    return unflatten(kind, given)


def _defaults(kind: Any) -> dict[str, Any]:
    given = {f.name: f.default for f in dataclasses.fields(kind) if f.default is not dataclasses.MISSING}
    return {name: x.value if isinstance(x, Enum) else x for name, x in given.items()}
