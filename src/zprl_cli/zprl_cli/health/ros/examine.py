"""Asks the nodes of a graph for their lifecycle state, and listens to /diagnostics."""

import time

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from lifecycle_msgs.srv import GetState
from rclpy.client import Client
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.task import Future

from zprl_cli.health.node_health import ACTIVE, NodeHealth
from zprl_core.ros import topics
from zprl_core.ros.hidden_node import HiddenNode

EVERY = QoSProfile(depth=1000)
NAME = "zprl_health"
NO_REPORT = "no report on /diagnostics"  # which every managed node sends once a second
AGAIN_S = 1.0  # a response is lost while only one side has discovered the other


def examine(names: tuple[str, ...], domain: int, within_s: float, settle_s: float) -> list[NodeHealth]:
    """Return the condition of these nodes, or without names of every managed node of the domain.

    It ends as soon as every node has answered and reported, or after `within_s`. `settle_s`: time for nodes to appear
    where no names are given.
    """
    with HiddenNode(NAME, domain, "/operator") as hidden:
        examination = _Examination(hidden.node)
        end_s = time.monotonic() + within_s
        if not names:
            hidden.spin(min(settle_s, within_s))
            names = examination.managed_names()
        while time.monotonic() < end_s and not examination.complete(names):
            hidden.executor.spin_once(timeout_sec=0.1)
        return [examination.of(name) for name in names]


class _Examination:
    """Collects what the nodes answer and report."""

    def __init__(self, node: Node):
        self._node = node
        self._clients: dict[str, Client] = {}
        self._answers: dict[str, list[Future]] = {}
        self._asked_s: dict[str, float] = {}
        self._problems: dict[str, str] = {}
        topics.DIAGNOSTICS.subscribe(node, self._on_diagnostics, EVERY)

    def managed_names(self) -> tuple[str, ...]:
        """Return the nodes of the domain that offer a lifecycle."""
        states = [name for name, _ in self._node.get_service_names_and_types() if name.endswith("/get_state")]
        return tuple(sorted(name.removesuffix("/get_state") for name in states))

    def complete(self, names: tuple[str, ...]) -> bool:
        """Ask the nodes that can be asked; True when all of them have answered and reported."""
        for name in names:
            self._ask(name)
        return all(name in self._problems and self._state(name) for name in names)

    def of(self, name: str) -> NodeHealth:
        """Return what is known of a node."""
        client, state = self._clients.get(name), self._state(name)
        managed = bool(state) or (client is not None and client.service_is_ready())
        found = {f"{space.rstrip('/')}/{own}" for own, space in self._node.get_node_names_and_namespaces()}
        present = name in found or bool(state) or name in self._problems  # its name may arrive after its answer
        silent = NO_REPORT if managed and state == ACTIVE else ""
        return NodeHealth(name, present, managed, state, self._problems.get(name, silent))

    def _ask(self, name: str) -> None:
        if name not in self._clients:
            self._clients[name] = self._node.create_client(GetState, f"{name}/get_state")
        if self._state(name) or not self._clients[name].service_is_ready():
            return
        if time.monotonic() > self._asked_s.get(name, 0.0) + AGAIN_S:
            self._asked_s[name] = time.monotonic()
            self._answers.setdefault(name, []).append(self._clients[name].call_async(GetState.Request()))

    def _state(self, name: str) -> str:
        answers = [answer.result() for answer in self._answers.get(name, []) if answer.done()]
        return str(answers[0].current_state.label) if answers else ""

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            self._problems[status.name] = "" if status.level == DiagnosticStatus.OK else status.message
