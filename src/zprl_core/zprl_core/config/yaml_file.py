"""Reads YAML without duplicate keys, and writes YAML in which ROS reads every string as a string."""

from typing import Any

import yaml

SHOWN = 60  # characters of a key, in an error


class KeyTwice(yaml.YAMLError):
    """A key occurs twice; the message says which key and on which lines."""


def parse_yaml(text: str | bytes) -> Any:
    """Parses a YAML text into plain types.

    Raises yaml.YAMLError; KeyTwice for a duplicate key, of which YAML itself would silently keep the last.
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


class _Quoting(yaml.SafeDumper):
    pass


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')


_Quoting.add_representer(str, _quoted)
