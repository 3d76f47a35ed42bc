"""`zprl foxglove`: shows the running graph in Foxglove."""

import os
import sys
from dataclasses import dataclass
from typing import Annotated

from zprl_bringup.graph.paths import data_file
from zprl_bringup.graph.spec import GraphError, NodeSpec
from zprl_bringup.runner.graph_note import GraphNote
from zprl_bringup.runner.graphs_here import NO_GRAPH, graphs_here
from zprl_bringup.runner.node_process import node_environment
from zprl_core.config.metadata import Range
from zprl_view.foxglove.settings import LOOPBACK, PORT, FoxgloveSettings

NODE = NodeSpec("zprl_view", "foxglove_node", "foxglove")
MODULE = "zprl_view.ros.foxglove_node"
LAYOUT = ("foxglove", "zprl.json")  # folder and file of zprl_bringup


@dataclass(frozen=True)
class Foxglove:
    """Serve the topics of the running graph to Foxglove, until Ctrl-C.

    Viewers connect to ws://HOST:PORT. They read: they can neither publish nor call services.
    """

    port: Annotated[int, "port to listen on", Range(0, 65535)] = PORT
    host: Annotated[str, "address to listen on; 0.0.0.0: every network, where anyone can read every topic"] = LOOPBACK

    def __post_init__(self) -> None:
        FoxgloveSettings(host=self.host, port=self.port)  # raises ValueError

    def main(self) -> None:
        """Become the Foxglove node. Raises GraphError when no graph runs here."""
        graphs = graphs_here()
        if not graphs:
            raise GraphError(NO_GRAPH)
        print(f"ROS domain {graphs[0].domain}; layout to import in Foxglove: {data_file(*LAYOUT)}", flush=True)
        os.execve(sys.executable, [sys.executable, *self.arguments()], environment(graphs[0]))

    def arguments(self) -> list[str]:
        """Return the arguments with which Python runs the node."""
        names = ["-r", f"__node:={NODE.name}", "--enclave", NODE.enclave]
        parameters = ["-p", f"host:='{self.host}'", "-p", f"port:={self.port}"]
        return ["-m", MODULE, "--ros-args", "--disable-external-lib-logs", *names, *parameters]


def environment(graph: GraphNote) -> dict[str, str]:
    """Return the environment with which the node finds the graph's nodes."""
    return node_environment(graph.env, {"ROS_DOMAIN_ID": str(graph.domain)}, os.environ)
