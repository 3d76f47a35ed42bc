"""Start only the robots, by default one simulated in real time with the topics of a real one.

ros2 launch zprl_bringup sim.launch.py --show-args
"""

from launch import LaunchDescription
from zprl_bringup.graph.graphs import sim_graph
from zprl_bringup.ros_launch.arguments import SIM_ARGUMENTS
from zprl_bringup.ros_launch.description import describe


def generate_launch_description() -> LaunchDescription:
    """Return the arguments and the graph as launch actions."""
    return describe(SIM_ARGUMENTS, sim_graph)
