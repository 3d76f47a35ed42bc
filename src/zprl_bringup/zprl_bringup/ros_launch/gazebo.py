"""Starts Gazebo and the programs of gazebo_programs with launch."""

from typing import Any

from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, OpaqueFunction
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

from launch import LaunchContext, LaunchDescription
from zprl_bringup.ros_launch.description import heed_sigint
from zprl_bringup.ros_launch.gazebo_programs import Program, gazebo_arguments, gazebo_programs

GUI = DeclareLaunchArgument(
    "gui", default_value="false", choices=["true", "false"], description="true: show Gazebo's window; false: the server"
)


def describe_gazebo() -> LaunchDescription:
    """Make the launch description of gazebo.launch.py."""
    return LaunchDescription([GUI, OpaqueFunction(function=_actions)])


def _actions(context: LaunchContext) -> list[Any]:
    heed_sigint()
    gui = LaunchConfiguration("gui").perform(context) == "true"
    source = PathJoinSubstitution([FindPackageShare("ros_gz_sim"), "launch", "gz_sim.launch.py"])
    arguments = {"gz_args": gazebo_arguments(gui), "on_exit_shutdown": "true"}
    gazebo = IncludeLaunchDescription(PythonLaunchDescriptionSource([source]), launch_arguments=arguments.items())
    return [gazebo, *map(_node, gazebo_programs())]


def _node(program: Program) -> Node:
    parameters = {name: ParameterValue(value, value_type=type(value)) for name, value in program.parameters.items()}
    return Node(
        package=program.package,
        executable=program.executable,
        arguments=list(program.arguments),
        parameters=[parameters] if parameters else [],
        output="screen",
    )
