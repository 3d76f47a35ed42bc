"""gazebo.launch.py asks launch for Gazebo and the programs around it, against doubles that record what they are asked.

ros_launch/gazebo.py was also run with launch and launch_ros of Jazzy and stand-ins for the programs, by hand.
"""

import importlib.util
import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest

from launch_cases import LAUNCH
from zprl_bringup.ros_launch.gazebo_programs import gazebo_arguments, gazebo_file, gazebo_programs, robot_description

OURS = ("zprl_bringup.ros_launch.gazebo", "zprl_bringup.ros_launch.description")
DOUBLES = {
    "launch": ("LaunchDescription", "LaunchContext"),
    "launch.actions": (
        "DeclareLaunchArgument", "IncludeLaunchDescription", "OpaqueFunction", "SetEnvironmentVariable", "Shutdown",
    ),
    "launch.launch_description_sources": ("PythonLaunchDescriptionSource",),
    "launch.substitutions": ("LaunchConfiguration", "PathJoinSubstitution"),
    "launch_ros": (),
    "launch_ros.actions": ("Node",),
    "launch_ros.parameter_descriptions": ("ParameterValue",),
    "launch_ros.substitutions": ("FindPackageShare",),
}  # fmt: skip


class Recorded:
    """The double of anything of launch: what it was made with."""

    def __init__(self, *arguments: Any, **options: Any):
        self.arguments, self.options = arguments, options

    def perform(self, context: dict[str, str]) -> str:
        return context[self.arguments[0]]


@pytest.fixture
def actions(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What the launch file starts without a window."""
    for name, members in DOUBLES.items():
        module = types.ModuleType(name)
        for member in members:
            setattr(module, member, type(member, (Recorded,), {}))
        monkeypatch.setitem(sys.modules, name, module)
    for name in OURS:
        monkeypatch.delitem(sys.modules, name, raising=False)
    spec = importlib.util.spec_from_file_location("launch_file", LAUNCH / "gazebo.launch.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (_, opaque) = module.generate_launch_description().arguments[0]
    yield opaque.options["function"]({"gui": "false"})
    for name in OURS:
        sys.modules.pop(name, None)


def test_gazebo_runs_the_world_without_a_window(actions: list[Any]) -> None:
    arguments = dict(actions[0].options["launch_arguments"])
    assert arguments == {"gz_args": gazebo_arguments(gui=False), "on_exit_shutdown": "true"}
    assert arguments["gz_args"] == f"-r -s {gazebo_file('pick_to_tray.sdf')}"
    assert gazebo_arguments(gui=True) == f"-r {gazebo_file('pick_to_tray.sdf')}"


def test_every_program_gets_its_arguments_and_parameters(actions: list[Any]) -> None:
    asked = {
        node.options["executable"]: (
            node.options["package"],
            tuple(node.options["arguments"]),
            {k: v.arguments[0] for each in node.options["parameters"] for k, v in each.items()},
        )
        for node in actions[1:]
    }
    assert asked == {p.executable: (p.package, p.arguments, dict(p.parameters)) for p in gazebo_programs()}
    assert asked["robot_state_publisher"][2]["robot_description"] == robot_description()
    (description, _) = actions[1].options["parameters"][0].values()
    assert description.options == {"value_type": str}  # launch would read the text as YAML
