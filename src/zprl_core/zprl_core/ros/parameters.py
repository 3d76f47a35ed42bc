"""A settings dataclass as ROS parameters, declared with the descriptions and ranges of its fields."""

from typing import Any, TypeVar

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.node import Node
from rclpy.parameter import Parameter

from zprl_core.config.flatten import flatten, unflatten
from zprl_core.config.metadata import Description, describe
from zprl_core.config.validate import check_types

T = TypeVar("T")


def declare(node: Node, defaults: Any) -> None:
    """Declare every number of the dataclass `defaults`, with the description and range of its field, read-only."""
    described = describe(type(defaults))
    for name, value in flatten(defaults).items():
        kind = Parameter.Type.STRING_ARRAY if value == () else value  # an empty list has no type of its own
        node.declare_parameter(name, kind, _descriptor(value, described[name]))


def read(node: Node, kind: type[T], defaults: Any) -> T:
    """The dataclass `kind` of the node's parameters. Raises ValueError that names what does not fit."""
    empty = Parameter("", Parameter.Type.STRING_ARRAY, [])
    values = {
        name: (node.get_parameter_or(name, empty) if value == () else node.get_parameter(name)).value
        for name, value in flatten(defaults).items()
    }
    check_types(kind, values)
    return unflatten(kind, values)


def _descriptor(value: Any, described: Description) -> ParameterDescriptor:
    descriptor = ParameterDescriptor(description=described.text, read_only=True)
    if described.range is not None:
        low, high = described.range.low, described.range.high
        if isinstance(value, int):
            descriptor.integer_range = [IntegerRange(from_value=int(low), to_value=int(high))]
        else:
            descriptor.floating_point_range = [FloatingPointRange(from_value=float(low), to_value=float(high))]
    return descriptor
