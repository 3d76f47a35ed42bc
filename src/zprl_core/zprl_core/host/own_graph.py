"""Names the graph that this process belongs to, so that a robot refuses what the graph of another lab sends.

Two labs on one network that chose the same ROS domain would otherwise drive each other's arms.
"""

import os
import secrets
import socket

VARIABLE = "ZPRL_GRAPH"  # in the environment of every node that zprl or a launch file starts


def new_graph() -> str:
    """Make the name of a graph that starts: host and a random number."""
    return f"{socket.gethostname()}-{secrets.token_hex(4)}"


def own_graph() -> str:
    """Return the name of this process's graph; "" when it was started alone."""
    return os.environ.get(VARIABLE, "")


def stranger(sender: str) -> str:
    """Return why a command from graph `sender` is refused; "" for our own, and where one of the two has no name."""
    own = own_graph()
    if not sender or not own or sender == own:
        return ""
    return (
        f"a command from another graph, {sender}, is refused, as this robot belongs to {own}; end one of the two, or "
        "give them different ROS domains (ROS_DOMAIN_ID, or network.domain in the station)"
    )
