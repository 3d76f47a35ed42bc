"""Doubles of launch and launch_ros, which record what a launch file asks of them."""

import importlib.util
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from launch_cases import LAUNCH


@dataclass
class Recorded:
    """The double of any launch action: what it was made with."""

    arguments: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)

    def __init__(self, *arguments: Any, **options: Any):
        self.arguments, self.options = arguments, options


class RecordedConfiguration(Recorded):
    def perform(self, context: dict[str, str]) -> str:
        return context[self.arguments[0]]


DOUBLES = {
    "launch": ("LaunchDescription", "LaunchContext"),
    "launch.actions": ("DeclareLaunchArgument", "OpaqueFunction", "SetEnvironmentVariable", "Shutdown"),
    "launch.substitutions": ("LaunchConfiguration",),
    "launch_ros": (),
    "launch_ros.actions": ("Node",),
}
OURS = "zprl_bringup.ros_launch.description"


def recording(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Doubles in place of launch and launch_ros, until the iterator goes on."""
    for name, members in DOUBLES.items():
        module = types.ModuleType(name)
        for member in members:
            kind = RecordedConfiguration if member == "LaunchConfiguration" else type(member, (Recorded,), {})
            setattr(module, member, kind)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.delitem(sys.modules, OURS, raising=False)
    yield
    sys.modules.pop(OURS, None)


def load(name: str) -> Any:
    """A launch file's description, as `ros2 launch` gets it."""
    spec = importlib.util.spec_from_file_location("launch_file", LAUNCH / name)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.generate_launch_description()


def recorded_actions(name: str, given: dict[str, str]) -> list[Any]:
    return load(name).arguments[0][-1].options["function"](given)
