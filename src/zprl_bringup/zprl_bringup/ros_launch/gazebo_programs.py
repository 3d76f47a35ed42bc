"""The programs that gazebo.launch.py starts, as data: the arm in Gazebo, its controllers and the bridge to ROS.

This module imports neither launch nor ROS. The programs are of packages that are installed with Gazebo.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from zprl_bringup.graph.paths import data_file
from zprl_sim.gazebo.settings import TASK, GazeboSceneSettings

WORLD, MODEL = TASK, "fr3"
CONTROLLERS = ("joint_state_broadcaster", "forward_position_controller", "gripper_controller")
PLACE = "@CONTROLLERS@"  # stands for the path of controllers.yaml in fr3.urdf


@dataclass(frozen=True)
class Program:
    """One node of another package."""

    package: str
    executable: str
    arguments: tuple[str, ...] = ()
    parameters: Mapping[str, str | bool] = field(default_factory=dict)


def gazebo_arguments(gui: bool) -> str:
    """Return the arguments of `gz sim` as a shell reads them: run the world at once, without `gui` only the server."""
    server = "" if gui else "-s "
    return f"-r {server}{shlex.quote(str(gazebo_file('pick_to_tray.sdf')))}"


def gazebo_programs() -> tuple[Program, ...]:
    """Return the programs besides Gazebo itself; each waits by itself for what it needs."""
    controllers = str(gazebo_file("controllers.yaml"))
    set_pose = GazeboSceneSettings().set_pose
    return (
        Program(
            "robot_state_publisher", "robot_state_publisher",
            parameters={"robot_description": robot_description(), "use_sim_time": True},
        ),
        Program("ros_gz_sim", "create", ("-world", WORLD, "-name", MODEL, "-topic", "/robot_description")),
        Program(
            "ros_gz_bridge", "parameter_bridge", (f"{set_pose}@ros_gz_interfaces/srv/SetEntityPose",),
            {"config_file": str(gazebo_file("bridge.yaml"))},
        ),
        Program("controller_manager", "spawner", (*CONTROLLERS, "--param-file", controllers)),
    )  # fmt: skip


def robot_description() -> str:
    """Return the URDF with the path of the controllers' parameters. Raises ValueError when the path is no XML text."""
    controllers = str(gazebo_file("controllers.yaml"))
    if set(controllers) & set("<>&"):
        raise ValueError(f"the path {controllers} has one of < > &, which XML reserves; install zprl in another folder")
    return gazebo_file("fr3.urdf").read_text().replace(PLACE, controllers)


def gazebo_file(name: str) -> Path:
    """Return the path of a file of Gazebo's scene."""
    return data_file("gazebo", name)
