"""The example parameter files are ones that the node would take."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from zprl_control.safety.limits import Limits
from zprl_core.config.flatten import flatten, unflatten
from zprl_core.config.validate import check_types
from zprl_hardware.ros2_control.checks import check_settings
from zprl_hardware.ros2_control.config import Ros2ControlConfig

FILES = sorted((Path(__file__).parents[2] / "config" / "ros2_control").glob("*.yaml"))


def read(kind: type, default: Any, given: dict[str, Any]) -> Any:
    flat = flatten(default)
    assert set(given) <= set(flat), f"no such parameter: {set(given) - set(flat)}"
    check_types(kind, flat | given)
    return unflatten(kind, flat | given)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_is_taken(path: Path) -> None:
    parameters = yaml.safe_load(path.read_text())["/zprl/arm"]["ros__parameters"]
    config = read(Ros2ControlConfig, Ros2ControlConfig(), parameters["ros2_control"])
    check_settings(config, read(Limits, Limits(), parameters.get("limits", {})), enable_at_start=False)
    assert len(config.joints) in (6, 7)


def test_there_are_examples() -> None:
    assert {path.stem for path in FILES} >= {"ur5e_robotiq", "ur5e_gazebo", "xarm6", "crisp_fr3"}
