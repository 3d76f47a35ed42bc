"""Show what a running graph does in rviz: plans, paths, limits, state, robot model.

ros2 launch zprl_bringup view.launch.py base:=/path/to/base
"""

from launch import LaunchDescription
from zprl_bringup.ros_launch.view import describe_view


def generate_launch_description() -> LaunchDescription:
    """Return the view node and rviz as launch actions."""
    return describe_view()
