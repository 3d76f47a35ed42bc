"""Evaluate a frozen policy, without a learner.

ros2 launch zprl_bringup evaluate.launch.py --show-args
"""

from launch import LaunchDescription
from zprl_bringup.graph.graphs import evaluate_graph
from zprl_bringup.ros_launch.arguments import EVALUATE_ARGUMENTS
from zprl_bringup.ros_launch.description import describe


def generate_launch_description() -> LaunchDescription:
    """Return the arguments and the graph as launch actions."""
    return describe(EVALUATE_ARGUMENTS, evaluate_graph)
