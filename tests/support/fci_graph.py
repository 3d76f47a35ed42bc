"""The graph at a simulated Franka, patient enough for a loaded machine, and the operator beside it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

from std_srvs.srv import Trigger

from listener import Listener
from tiny import TINY
from zprl.checkpoints.run_folder import RunFolder
from zprl_bringup.graph.graphs import finetune_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import Graph, NodeSpec, Parameter
from zprl_core.ros import services
from zprl_core.ros.qos import STATE
from zprl_msgs.msg import ArmStatus


def with_parameters(graph: Graph, changes: Mapping[str, Mapping[str, Parameter]]) -> Graph:
    """The graph with changed parameters, by executable."""

    def changed(node: NodeSpec) -> NodeSpec:
        return replace(node, parameters={**node.parameters, **changes.get(node.executable, {})})

    return replace(graph, nodes=tuple(map(changed, graph.nodes)))


def patient_graph(folder: RunFolder, host: str, fci: Mapping[str, Parameter]) -> Graph:
    """`zprl up --robot fci-sim --base ...` for the base in the folder, with parameters of the simulated control box.

    The arm's control waits for the driver, so that a slow machine only slows it down. The operator enables the arm, and
    so hears all that follows.
    """
    options = RunOptions(base=folder.base, robot="fci-sim", lockstep=False, time_limit_s=20.0)
    graph = finetune_graph(GraphSettings("run", Path(folder.path), options, config=TINY))
    changes: dict[str, Mapping[str, Parameter]] = {
        "fci_node": {"hostname": host, "lockstep": True, **fci},
        "franka_arm_node": {"franky.hostname": host, "limits.state_s": 1.0, "enable_at_start": False},
        "policy_node": {"stale_s": 5.0},
    }
    return with_parameters(graph, changes)


def of_hand(status: ArmStatus) -> bool:
    """True if the arm has stopped because of its hand."""
    return status.mode == ArmStatus.FAULT and "the gripper does not follow" in status.reason


class Operator:
    """Hears the graph's topics while it runs, and clears faults of a loaded machine: those not of the hand."""

    def __init__(self) -> None:
        self._listener: Listener | None = None

    def spin(self) -> None:
        if self._listener is None:
            self._listener = Listener(int(os.environ["ROS_DOMAIN_ID"]))
            self._listener.hear(ArmStatus, "arm/status", STATE)
            node = self._listener.node
            self._calls = [services.ARM_RECOVER.client(node), services.ARM_ENABLE.client(node)]
        self._listener.spin(0.1)
        now = self.arm[-1] if self.arm else ArmStatus()
        idle = now.mode == ArmStatus.IDLE
        if (idle or (now.mode == ArmStatus.FAULT and not of_hand(now))) and self._calls[idle].service_is_ready():
            self._calls[idle].call_async(Trigger.Request())
            self._listener.spin(0.5)

    @property
    def arm(self) -> list[ArmStatus]:
        return self._listener.heard["arm/status"] if self._listener else []

    def stopped(self) -> list[ArmStatus]:
        """The newest statuses, from the one in which the arm stopped because of its hand; none while it goes on."""
        return list(takewhile(of_hand, reversed(self.arm)))[::-1]

    def close(self) -> None:
        if self._listener is not None:
            self._listener.close()


@contextmanager
def hearing() -> Iterator[Operator]:
    heard = Operator()
    try:
        yield heard
    finally:
        heard.close()
