"""YAML as a person writes it and as ROS reads it: no key twice, and a string stays a string."""

from typing import Any

import yaml

SHOWN = 60  # characters of a key, in an error


class KeyTwice(yaml.YAMLError):
    """A key is written twice; the message says which one and where."""


def parse_yaml(text: str | bytes) -> Any:
    """What a YAML text says, of plain types only.

    Raises yaml.YAMLError; KeyTwice where YAML itself would forget the first of two.
    """
    loader = _Loader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def ros_yaml(document: Any) -> str:
    """As YAML, with every string in quotes.

    rcl takes 08, 1e5, nan and many more for numbers where YAML has strings.
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
                where = f"in line {line}" if lines[name] == line else f"in lines {lines[name]} and {line}"
                raise KeyTwice(f"{key.value[:SHOWN]!r} is written twice, {where}: only one would count; join them")
            lines[name] = line
        return node


class _Quoting(yaml.SafeDumper):
    pass


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')


_Quoting.add_representer(str, _quoted)
