"""`zprl console`: shows a running graph in a browser, with the operator's buttons."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from zprl.checkpoints.run_folder import RunFolder
from zprl_bringup.runner.graphs_here import NO_GRAPH, graphs_here
from zprl_cli.console.robot_choice import chosen_robot
from zprl_core.config.metadata import Range, check_ranges

TOKEN = "ZPRL_CONSOLE_TOKEN"  # environment variable; a command line can be read by every user of the machine


@dataclass(frozen=True)
class Console:
    """Show a running graph in a browser, with the operator's buttons, until Ctrl-C.

    At another --host than this machine's own 127.0.0.1 the address has a token, without which nothing is shown.
    """

    host: Annotated[str, "address to listen at; 0.0.0.0: all of this machine"] = "127.0.0.1"
    port: Annotated[int, "port to listen at", Range(1, 65535)] = 8080
    token: Annotated[
        str,
        "token of the address, 16 letters or more; by default that in ZPRL_CONSOLE_TOKEN, or a new one where needed",
    ] = ""
    robot: Annotated[str, "namespace of the robot, such as robot_2; by default that of the graph's only one"] = ""
    arms: Annotated[tuple[str, ...], "namespaces of the robot's arms, for one that has several"] = ()

    def __post_init__(self) -> None:
        check_ranges(self)

    def main(self) -> None:
        """Serve until Ctrl-C."""
        from zprl_console.access import access_of
        from zprl_console.listening import addresses, check_port

        access = access_of(self.host, self.port, self.token or os.environ.get(TOKEN, ""))
        graphs = graphs_here()
        if not graphs:
            raise ValueError(NO_GRAPH)
        robot = chosen_robot(self.robot, [node for graph in graphs for node in graph.nodes])
        check_port(self.host, self.port)
        for graph in graphs:
            os.environ.update(graph.env)
        # Imported after the environment is set, as Fast DDS reads it once.
        from zprl_console.run_console import Joined, run_console

        run = next((graph.run_folder for graph in graphs if graph.run_folder), "")
        episodes = RunFolder(Path(run)).metrics / "episodes.csv" if run else None
        for address in addresses(self.host, self.port, access.token):
            print(f"console: {address}", flush=True)
        joined = Joined(graphs[0].domain, robot.name, robot.namespace, self.arms or ("",), episodes)
        run_console(joined, access, self.host, self.port)
