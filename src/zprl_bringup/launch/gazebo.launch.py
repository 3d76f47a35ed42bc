"""Start Gazebo with the FR3, the scene of pick_to_tray, controllers and bridge; robot `gazebo` drives it.

ros2 launch zprl_bringup gazebo.launch.py
"""

from launch import LaunchDescription
from zprl_bringup.ros_launch.gazebo import describe_gazebo


def generate_launch_description() -> LaunchDescription:
    """Return Gazebo and the programs around it as launch actions."""
    return describe_gazebo()
