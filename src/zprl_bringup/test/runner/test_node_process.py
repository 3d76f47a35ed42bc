"""ROS reads out of a parameter file what the graph says: strings that look like numbers stay strings."""

from array import array
from pathlib import Path
from typing import Any

import pytest

from zprl_bringup.graph.spec import NodeSpec, parameter_yaml

pytestmark = pytest.mark.ros

STRINGS = [
    "038122250473", "838122250473", "9e1222504", "08", "007", "1e5", "nan", "inf", ".inf", "0x1F", "12_3", "+1", "1.",
    ".5", "on", "~", "null", "1:30", "2024-01-01", "", "a b", "!!int 3", "\u00e9\n\"'", "/runs/08", "x " * 100,
]  # fmt: skip
OTHERS: dict[str, Any] = {
    "names": ["08", "1e5"], "numbers": [0.5, 1e-7], "whole": 3, "flag": True, "far": 1e20, "near": 1.0,
}  # fmt: skip


def read_by_ros(text: str, folder: Path) -> dict[str, Any]:
    """The parameters of a node that is started with this file."""
    import rclpy
    from rclpy.node import Node

    path = folder / "parameters.yaml"
    path.write_text(text)
    context = rclpy.Context()
    rclpy.init(context=context)
    try:
        node = Node(
            "camera", namespace="robot_1", context=context, cli_args=["--ros-args", "--params-file", str(path)],
            automatically_declare_parameters_from_overrides=True, enable_rosout=False, start_parameter_services=False,
        )  # fmt: skip
        found = {name: node.get_parameter(name).value for name in node.get_parameters_by_prefix("")}
        node.destroy_node()
    finally:
        rclpy.shutdown(context=context)
    return {name: list(value) if isinstance(value, array) else value for name, value in found.items()}


@pytest.mark.parametrize("node", ["", "/**"], ids=["runner", "launch"])
def test_what_the_graph_says_is_what_a_node_reads(node: str, tmp_path: Path) -> None:
    wanted = {f"text_{i}": text for i, text in enumerate(STRINGS)} | OTHERS
    spec = NodeSpec("zprl_hardware", "camera_node", "camera", "robot_1", wanted)
    found = read_by_ros(parameter_yaml(spec, node), tmp_path)
    assert {name: found.get(name) for name in wanted} == wanted
    assert all(type(found[name]) is type(value) for name, value in wanted.items())
