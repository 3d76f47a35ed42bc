"""What the tests of Gazebo's files share: the files as XML, the parser of Gazebo, and boxes as center and edges."""

import shutil
import subprocess
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from zprl_bringup.graph.robots.gazebo import FIXED
from zprl_bringup.graph.robots.ros2_control import PREFIX
from zprl_bringup.ros_launch.gazebo_programs import gazebo_file
from zprl_core.config.override import override
from zprl_hardware.ros2_control.config import Ros2ControlConfig
from zprl_sim.rendering import mujoco
from zprl_sim.robot import SimRobot

Box = tuple[tuple[float, ...], tuple[float, ...]]  # center and edges [m]

ARM = ET.parse(gazebo_file("fr3.urdf")).getroot()
CONFIG = override(Ros2ControlConfig(), {name.removeprefix(PREFIX): value for name, value in FIXED.items()})


def world() -> ET.Element:
    """The world of pick_to_tray.sdf."""
    found = ET.parse(gazebo_file("pick_to_tray.sdf")).getroot().find("world")
    assert found is not None
    return found


def numbers(text: str | None) -> tuple[float, ...]:
    """The numbers of a text with spaces between them."""
    return tuple(float(word) for word in (text or "").split())


def parsed(*arguments: str) -> str:
    """What `ign sdf` prints; skips the test where it is not installed."""
    if shutil.which("ign") is None:
        pytest.skip("ign is not installed: apt install ignition-tools libsdformat-dev")
    done = subprocess.run(["ign", "sdf", *arguments], capture_output=True, text=True, timeout=600)
    if "cannot find any available" in done.stdout + done.stderr:
        pytest.skip("ign has no command sdf: apt install libsdformat-dev")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def boxes_of_mujoco(robot: SimRobot, body: str) -> list[Box]:
    """The boxes of a body that collide."""
    m = robot.model
    geoms = [g for g in range(m.ngeom) if m.geom_bodyid[g] == m.body(body).id and m.geom_contype[g]]
    assert all(m.geom_type[g] == mujoco.mjtGeom.mjGEOM_BOX for g in geoms)
    return sorted(rounded(m.geom_pos[g], 2 * m.geom_size[g]) for g in geoms)


def rounded(center: Any, edges: Any) -> Box:
    """A box whose numbers compare equal despite rounding."""
    first, second = (tuple(round(float(x), 9) + 0.0 for x in each) for each in (center, edges))
    return first, second
