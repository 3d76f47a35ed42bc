"""`zprl health`: looks whether a running graph is well, for containers and scripts."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from zprl_bringup.graph.graphs import default_env
from zprl_bringup.graph.spec import Graph
from zprl_bringup.runner.domain_ports import LAST_DOMAIN
from zprl_bringup.runner.graph_note import GraphNote, running_graphs
from zprl_cli.health.node_health import NodeHealth, healthy
from zprl_cli.listing import print_table

SETTLE_S = 4.0  # existing nodes announce themselves every 3 s


@dataclass(frozen=True)
class Health:
    """Look whether the graph that runs on this machine is well: lifecycle of its nodes, and /diagnostics.

    Exit code 0: every node is active and reports no problem; 1: one does not, or no graph runs; 2: wrong flags.
    """

    idle_ok: Annotated[bool, "exit code 0 also when no graph runs, as before and after finetuning"] = False
    within_s: Annotated[float, "time within which every node must have answered [s]"] = 10.0

    def main(self) -> None:
        """Print the nodes and exit."""
        if not self.within_s > 0:
            raise ValueError(f"--within-s {self.within_s:g}: give a time above 0")
        domain = _wanted_domain()
        graphs = running_graphs(domain) or ([] if domain is None else [_any_graph(domain)])
        if not graphs:
            print("no graph of this user runs here; with ros2 launch, set ROS_DOMAIN_ID to that of its nodes")
            sys.exit(0 if self.idle_ok else 1)
        if len({graph.domain for graph in graphs}) > 1:  # a process joins one domain, with one set of variables
            domains = ", ".join(sorted({str(graph.domain) for graph in graphs}))
            raise ValueError(f"graphs of this user run in the ROS domains {domains}; set ROS_DOMAIN_ID to one of them")
        nodes = [node for graph in graphs for node in self._look(graph)]
        if not nodes:
            print(f"no managed node is in ROS domain {domain}")
            sys.exit(0 if self.idle_ok else 1)
        show(nodes)
        sys.exit(0 if healthy(nodes) else 1)

    def _look(self, graph: GraphNote) -> list[NodeHealth]:
        os.environ.update(graph.env)
        # Imported after the environment is set, as Fast DDS reads it once.
        from zprl_cli.health.ros.examine import examine

        return examine(graph.nodes, graph.domain, self.within_s, SETTLE_S)


def show(nodes: Sequence[NodeHealth]) -> None:
    """Print a line for each node, and the result."""
    print_table(("node", "state", "problem"), [(node.name, node.word, node.problem) for node in nodes])
    bad = sum(not node.healthy for node in nodes)
    print(f"{bad} of {len(nodes)} nodes not well" if bad else "well")


def _wanted_domain() -> int | None:
    """Return ROS_DOMAIN_ID; None when it is not set. Raises ValueError."""
    wanted = os.environ.get("ROS_DOMAIN_ID", "")
    if wanted and not (wanted.isdecimal() and int(wanted) <= LAST_DOMAIN):
        raise ValueError(f"ROS_DOMAIN_ID={wanted!r} is not a ROS domain; set it to a number from 0 to 101, or unset it")
    return int(wanted) if wanted else None


def _any_graph(domain: int) -> GraphNote:
    """Return a graph of unknown nodes, as ros2 launch starts it."""
    return GraphNote(domain, (), Graph((), default_env()).variables(os.environ))
