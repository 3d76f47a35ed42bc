"""Starts the view node and rviz beside a running graph."""

from launch.actions import DeclareLaunchArgument, Shutdown
from launch.conditions import IfCondition
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from launch import LaunchDescription
from zprl_bringup.graph.graphs import view_graph
from zprl_bringup.graph.paths import data_file
from zprl_bringup.ros_launch.arguments import VIEW_ARGUMENTS
from zprl_bringup.ros_launch.description import describe

RVIZ = DeclareLaunchArgument(
    "rviz", default_value="true", choices=["true", "false"], description="false: the view node alone"
)


def describe_view() -> LaunchDescription:
    """Make the launch description of view.launch.py; closing rviz ends it."""
    rviz = Node(
        package="rviz2",
        executable="rviz2",
        name="rviz",
        arguments=["-d", str(data_file("rviz", "zprl.rviz"))],
        condition=IfCondition(LaunchConfiguration("rviz")),
        on_exit=Shutdown(reason="rviz was closed"),
        output="screen",
    )
    return LaunchDescription([RVIZ, describe(VIEW_ARGUMENTS, view_graph), rviz])
