"""Stopgap for zprl.flat."""

import dataclasses
from enum import Enum
from typing import Any


def flatten(config: Any, prefix: str = "") -> dict[str, Any]:
    """Nested dataclasses to dotted names."""
    flat: dict[str, Any] = {}
    for item in dataclasses.fields(config):
        value = getattr(config, item.name)
        if dataclasses.is_dataclass(value):
            flat |= flatten(value, f"{prefix}{item.name}.")
        else:
            flat[prefix + item.name] = value.value if isinstance(value, Enum) else value
    return flat
