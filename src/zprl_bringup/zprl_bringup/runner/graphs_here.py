"""Finds the graph that runs on this machine, for commands that join it."""

import os

from zprl_bringup.graph.graphs import default_env
from zprl_bringup.graph.spec import Graph
from zprl_bringup.runner.domain_ports import LAST_DOMAIN
from zprl_bringup.runner.graph_note import GraphNote, running_graphs

NO_GRAPH = "no graph of this user runs here; with ros2 launch, set ROS_DOMAIN_ID to that of its nodes"


def graphs_here() -> list[GraphNote]:
    """Return the graphs of one domain: that of ROS_DOMAIN_ID, or the only one with graphs of this user.

    In a domain without notes, such as that of ros2 launch, it is a graph of unknown nodes. Raises ValueError when
    graphs run in several domains, or for a ROS_DOMAIN_ID that is no domain.
    """
    domain = _wanted_domain()
    graphs = running_graphs(domain) or ([] if domain is None else [_any_graph(domain)])
    if len({graph.domain for graph in graphs}) > 1:  # a process joins one domain, with one set of variables
        domains = ", ".join(sorted({str(graph.domain) for graph in graphs}))
        raise ValueError(f"graphs of this user run in the ROS domains {domains}; set ROS_DOMAIN_ID to one of them")
    return graphs


def _wanted_domain() -> int | None:
    """Return ROS_DOMAIN_ID; None when it is not set. Raises ValueError."""
    wanted = os.environ.get("ROS_DOMAIN_ID", "")
    if wanted and not (wanted.isdecimal() and int(wanted) <= LAST_DOMAIN):
        raise ValueError(f"ROS_DOMAIN_ID={wanted!r} is not a ROS domain; set it to a number from 0 to 101, or unset it")
    return int(wanted) if wanted else None


def _any_graph(domain: int) -> GraphNote:
    """Return a graph of unknown nodes, as ros2 launch starts it."""
    return GraphNote(domain, (), Graph((), default_env()).variables(os.environ))
