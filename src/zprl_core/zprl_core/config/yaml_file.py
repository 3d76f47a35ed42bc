"""Reads YAML without duplicate keys or misread scalars, and writes YAML in which ROS reads strings as strings."""

import re
from typing import Any

import yaml

from zprl_core.config.yaml_scalar import EXPONENT, misread

SHOWN = 60  # characters of a key, in an error


class KeyTwice(yaml.YAMLError):
    """A key occurs twice; the message says which key and on which lines."""


class Misread(yaml.YAMLError):
    """An unquoted value means something else in YAML than it seems to; the message says what, and what to write."""


def parse_yaml(text: str | bytes) -> Any:
    """Parses a YAML text into plain types.

    1e-4 is a number, as it is for ROS. Raises yaml.YAMLError; KeyTwice for a duplicate key, of which YAML itself would
    silently keep the last; Misread for an unquoted 0123, 1:30, 1_000 or 2026-01-31.
    """
    loader = _Loader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def ros_yaml(document: Any) -> str:
    """Returns the document as YAML, with every string in quotes.

    Without quotes, rcl reads 08, 1e5, nan and others as numbers where YAML has strings.
    """
    return yaml.dump(document, Dumper=_Quoting, default_flow_style=False, width=float("inf"))


class _Loader(yaml.SafeLoader):
    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        lines: dict[tuple[str, str], int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            name, line = (key.tag, key.value), key.start_mark.line + 1
            if name in lines:
                where = f"on line {line}" if lines[name] == line else f"on lines {lines[name]} and {line}"
                raise KeyTwice(
                    f"{key.value[:SHOWN]!r} occurs twice, {where}; only one would take effect, so merge them"
                )
            lines[name] = line
        return node

    def compose_scalar_node(self, anchor: Any) -> yaml.ScalarNode:
        node = super().compose_scalar_node(anchor)
        if node.style is None and (why := misread(node.tag, node.value)):
            raise Misread(f"line {node.start_mark.line + 1}: {why}")
        return node


_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(rf"{EXPONENT.pattern}\Z"), list("-+.0123456789"))


class _Quoting(yaml.SafeDumper):
    pass


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')


_Quoting.add_representer(str, _quoted)
