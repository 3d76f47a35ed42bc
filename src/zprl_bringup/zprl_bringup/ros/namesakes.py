"""Looks for nodes with the names of a graph's own, perhaps on other machines, before the graph starts.

Two labs in one ROS domain would drive each other's arms, and two learners of one run would both send weights.
"""

import time
from collections.abc import Callable

from rclpy.node import Node

from zprl_bringup.graph.spec import Graph, GraphError
from zprl_core.ros.hidden_node import HiddenNode

LOOK_S = 3.0  # a node announces itself at once to a new one, and every 3 s
GONE_S = 30.0  # longest time until a killed node is forgotten: Fast DDS's lease of 20 s, and some more
POLL_S = 0.2


def check_namesakes(
    graph: Graph, domain: int, say: Callable[[str], None], look_s: float = LOOK_S, gone_s: float = GONE_S
) -> None:
    """Wait until no node has the name of one of the graph's. Raises GraphError when one stays."""
    with HiddenNode("zprl_monitor", domain, "/monitor") as hidden:
        found = _found(graph, hidden.node, look_s)
        if not found:
            return
        say(
            f"zprl: {', '.join(found)} already in ROS domain {domain}; waiting up to {gone_s:g} s for killed ones to go"
        )
        end_s = time.monotonic() + gone_s
        while found and time.monotonic() < end_s:
            found = _found(graph, hidden.node, POLL_S)
        if found:
            raise GraphError(
                f"{', '.join(found)} already in ROS domain {domain}, perhaps on another machine, and two would disturb "
                "each other; end them, or set ROS_DOMAIN_ID (network.domain in the station) to another number on every "
                "machine of this run"
            )


def _found(graph: Graph, node: Node, look_s: float) -> list[str]:
    """Return the names that nodes of others have after `look_s`."""
    time.sleep(look_s)
    names = {f"{space.rstrip('/')}/{name}" for name, space in node.get_node_names_and_namespaces()}
    return sorted(names & {spec.full_name for spec in graph.nodes})
