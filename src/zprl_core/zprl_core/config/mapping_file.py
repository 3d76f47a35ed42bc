"""Reads a mapping that `zprl bags map` drafted and a person edited, as YAML."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

from zprl_core.config.yaml_file import parse_yaml
from zprl_core.errors import quoted

LONGEST = 100_000  # bytes of the file
T = TypeVar("T")


def load_mapping_file(path: Path, build: Callable[[Mapping[Any, Any]], T]) -> T:
    """Returns what `build` makes of the file's settings, raising ValueError for those that it cannot use.

    Raises ValueError with the file, the cause and the remedy.
    """
    try:
        given = parse_yaml(path.read_bytes()[:LONGEST])
        if not isinstance(given, Mapping):
            raise ValueError("it has no settings; zprl bags map drafts one")
        return build(given)
    except OSError as error:
        raise ValueError(f"cannot read the mapping: {error}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f"the mapping {path} cannot be used: {quoted(error)}") from None
