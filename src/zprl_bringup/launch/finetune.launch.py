"""Finetune a frozen base policy: a robot, policy and episode node per robot, and one learner.

ros2 launch zprl_bringup finetune.launch.py --show-args
"""

from launch import LaunchDescription
from zprl_bringup.graph.graphs import finetune_graph
from zprl_bringup.ros_launch.arguments import FINETUNE_ARGUMENTS
from zprl_bringup.ros_launch.description import describe


def generate_launch_description() -> LaunchDescription:
    """Return the arguments and the graph as launch actions."""
    return describe(FINETUNE_ARGUMENTS, finetune_graph)
