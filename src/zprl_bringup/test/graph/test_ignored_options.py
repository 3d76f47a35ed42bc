"""An option that the chosen robot would ignore is refused, with what to do."""

from pathlib import Path
from typing import Any

import pytest

from zprl_bringup.graph.ignored_options import check_ignored
from zprl_bringup.graph.robots.catalog import robot_names
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_core.latency import Latency


def check(**changes: Any) -> None:
    check_ignored(GraphSettings("run", Path("/runs/x"), RunOptions(lockstep=False, **changes)))


@pytest.mark.parametrize("robot", ["sim", "mujoco", "fci-sim", "franky", "ros2-control-sim"])
def test_what_a_robot_does_not_ignore_is_accepted(robot: str) -> None:
    """The arms behind an arm node lag like a real arm, so that latency real is true for them."""
    assert robot in robot_names()
    check(robot=robot)
    check(robot=robot, latency=Latency.REAL)
    if robot != "franky":
        check(robot=robot, deployed=False, task="pick_to_tray")


def test_latency_is_refused_for_an_arm_that_never_has_it() -> None:
    with pytest.raises(ValueError, match="that of robot mujoco is always real: remove it, or use robot sim"):
        check(robot="mujoco", latency=Latency.IMPEDANCE)


@pytest.mark.parametrize(("name", "value"), [("deployed", False), ("task", "pick_to_tray")])
def test_what_is_simulated_is_refused_for_a_real_arm(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{name} is for simulated robots, and robot franky is none; remove it"):
        check(robot="franky", **{name: value})
