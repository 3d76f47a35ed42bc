"""A settings dataclass as ROS parameters, declared with the descriptions and ranges of its fields."""

import difflib
from collections.abc import Iterable
from typing import Any, TypeVar

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.node import Node
from rclpy.parameter import Parameter

from zprl_core.config.flatten import flatten, unflatten
from zprl_core.config.metadata import Description, describe
from zprl_core.config.validate import check_types
from zprl_core.errors import quoted

T = TypeVar("T")

RENAMED = {"arm_at_start": "enable_at_start", "lead": "command_gain", "pace": "latency"}  # since version 0.1
OF_PUBLISHERS = "qos_overrides."  # rclpy declares these with the publisher or subscription, maybe later


def declare(node: Node, defaults: Any) -> None:
    """Declare every number of the dataclass `defaults`, with the description and range of its field, read-only."""
    described = describe(type(defaults))
    for name, value in flatten(defaults).items():
        kind = Parameter.Type.STRING_ARRAY if value == () else value  # an empty list has no type of its own
        node.declare_parameter(name, kind, _descriptor(value, described[name]))


def read(node: Node, kind: type[T], defaults: Any) -> T:
    """The dataclass `kind` of the node's parameters, once the node has declared all that it has.

    Raises ValueError that names what does not fit, or a parameter that was given and is unknown to the node.
    """
    check_overrides(node)
    empty = Parameter("", Parameter.Type.STRING_ARRAY, [])
    values = {
        name: (node.get_parameter_or(name, empty) if value == () else node.get_parameter(name)).value
        for name, value in flatten(defaults).items()
    }
    check_types(kind, values)
    return unflatten(kind, values)


def check_overrides(node: Node) -> None:
    """Raises ValueError that names every parameter that was given to the node and that it has not declared.

    rclpy ignores such a parameter silently. The error suggests the closest declared one.
    """
    declared = node.get_parameters_by_prefix("")
    given = node._parameter_overrides  # rclpy has no public name for it
    unknown = [name for name in given if name not in declared and not name.startswith(OF_PUBLISHERS)]
    if unknown:
        hints = "; ".join(_hint(name, declared) for name in sorted(unknown))
        raise ValueError(f"unknown parameter {hints}; correct the name, or leave it out")


def _hint(name: str, declared: Iterable[str]) -> str:
    shown, new = f"'{quoted(name)}'", RENAMED.get(name, "")
    if new in declared:
        return f"{shown}, which is called {new} now"
    inner = [known for known in declared if known.endswith(f".{name}")]
    close = inner or difflib.get_close_matches(name, declared, n=1)
    return f"{shown}, did you mean {close[0]}?" if close else f"{shown} (known: {', '.join(sorted(declared)[:8])}, ...)"


def _descriptor(value: Any, described: Description) -> ParameterDescriptor:
    descriptor = ParameterDescriptor(description=described.text, read_only=True)
    if described.range is not None:
        low, high = described.range.low, described.range.high
        if isinstance(value, int):
            descriptor.integer_range = [IntegerRange(from_value=int(low), to_value=int(high))]
        else:
            descriptor.floating_point_range = [FloatingPointRange(from_value=float(low), to_value=float(high))]
    return descriptor
