"""Applies the changes of a file to a configuration."""

import difflib
from collections.abc import Mapping
from typing import Any, TypeVar

from zprl_core.config.flatten import flatten, unflatten
from zprl_core.config.metadata import Description, describe
from zprl_core.config.validate import check_types

T = TypeVar("T")


def override(config: T, changes: Mapping[str, Any]) -> T:
    """Returns `config` with the nested `changes` applied. Raises ValueError naming the setting that is wrong."""
    flat = flatten(config)
    given = flat_names(changes)
    for name in given:
        if name not in flat:
            raise ValueError(f"there is no setting {name!r}{_meant(name, describe(type(config)))}")
    flat |= given
    check_types(type(config), flat)
    return unflatten(type(config), flat)


def flat_names(changes: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Returns the nested settings of a file by dotted name. Raises ValueError for a name that is not a string."""
    flat: dict[str, Any] = {}
    for name, value in changes.items():
        if not isinstance(name, str):
            raise ValueError(f"{prefix}{name!r} is not the name of a setting")
        flat |= flat_names(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {prefix + name: value}
    return flat


def _meant(name: str, names: Mapping[str, Description]) -> str:
    inside = [known for known in names if known.startswith(f"{name}.")]
    if inside:
        return f" by itself; it has {', '.join(known.rpartition('.')[2] for known in inside)}"
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f"; did you mean {close[0]} ({names[close[0]].text})?"
    return f"; known settings are {', '.join(sorted(names)[:8])}, ..."
