"""Finds robots through Python entry points, so that any installed package can add a driver.

A package adds a robot in its pyproject.toml (or setup.py), under the name that `--robot` takes:

    [project.entry-points."zprl.robots"]
    my-arm = "my_package.robot:MY_ARM"      # MY_ARM is a zprl_bringup.graph.robots.robot.Robot named "my-arm"
"""

from typing import TYPE_CHECKING, Any

from zprl_core.catalog import Catalog

if TYPE_CHECKING:  # listing the names loads no robot
    from zprl_bringup.graph.robots.robot import Robot


def _robot() -> type["Robot[Any]"]:
    from zprl_bringup.graph.robots.robot import Robot

    return Robot


CATALOG: Catalog["Robot[Any]"] = Catalog("zprl.robots", "robot", "zprl_bringup", _robot)
robot_names = CATALOG.names
robot_named = CATALOG.named
