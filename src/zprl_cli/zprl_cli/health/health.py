"""`zprl health`: looks whether a running graph is well, for containers and scripts."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from zprl_bringup.runner.graph_note import GraphNote
from zprl_bringup.runner.graphs_here import NO_GRAPH, graphs_here
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
        graphs = graphs_here()
        if not graphs:
            print(NO_GRAPH)
            sys.exit(0 if self.idle_ok else 1)
        nodes = [node for graph in graphs for node in self._look(graph)]
        if not nodes:
            print(f"no managed node is in ROS domain {graphs[0].domain}")
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
