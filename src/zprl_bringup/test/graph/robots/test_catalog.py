"""Robots are found by name, and only the chosen one is loaded."""

import subprocess
import sys

import pytest

from zprl_bringup.graph.robots.catalog import CATALOG, robot_named, robot_names
from zprl_bringup.graph.robots.robot import Robot
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings


def test_our_robots_are_registered() -> None:
    assert {"sim", "mujoco", "fci-sim", "franky"} <= set(robot_names())
    for source in CATALOG.sources():
        if source.reference.startswith("zprl_bringup."):
            assert CATALOG.load(source).name == source.name


def test_only_a_real_arm_needs_an_operator_and_has_an_address() -> None:
    ours = [robot_named(name) for name in ("sim", "mujoco", "fci-sim", "franky", "ros2-control-sim", "ros2-control")]
    assert [robot.name for robot in ours if robot.needs_operator] == ["franky", "ros2-control"]
    assert [robot.name for robot in ours if robot.remote] == ["franky"]


LOADED = """
import sys
from zprl_bringup.graph.robots.catalog import robot_named, robot_names
robot_names()
def loaded():
    names = ("sim", "mujoco", "fci_sim", "franky")
    return [name for name in names if f"zprl_bringup.graph.robots.{name}" in sys.modules]
print(loaded())
robot_named("franky")
print(loaded(), [name for name in ("mujoco", "torch", "rclpy") if name in sys.modules])
"""


def test_listing_loads_none_and_choosing_loads_one() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, timeout=600, check=True)
    assert done.stdout.splitlines() == ["[]", "['franky'] []"]


def test_a_robot_names_its_doctor_by_module_and_function() -> None:
    with pytest.raises(ValueError, match="write module:function"):
        Robot("a", "an arm", lambda settings, slot: (), lambda settings: None, doctor="a.b")


def test_settings_of_an_unknown_robot_list_the_known_ones(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"unknown robot 'robby'; known robots are .*franky"):
        GraphSettings("run", tmp_path, RunOptions(robot="robby"))
