"""One node as a process, and somebody outside who hears what it says."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from rcl_interfaces.srv import GetParameters
from rclpy.context import Context
from rclpy.node import Node, NodeNameNonExistentError

from zprl_core.ros.managed_node import Executor


def start_node(domain: int, program: list[str], *parameters: str, path: str = "") -> "subprocess.Popen[str]":
    """Python with the arguments `program`, as launch would start it; `path` is found by its imports too."""
    env = {k: v for k, v in os.environ.items() if k != "_ROS_WHEELS_BOOTSTRAP_COMPLETE"}
    env |= {"ROS_DOMAIN_ID": str(domain), "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"}
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [path, env.get("PYTHONPATH", "")]))
    arguments = [word for p in parameters for word in ("-p", p)]
    command = [sys.executable, *program, "--ros-args", *arguments]
    return subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)


def stop_node(process: "subprocess.Popen[str]", number: int = signal.SIGINT) -> int:
    """Its exit code after a signal."""
    process.send_signal(number)
    try:
        return process.wait(600)
    finally:
        process.kill()
        process.communicate()


class Listener:
    """Keeps what it heard, by topic."""

    def __init__(self, domain: int) -> None:
        self.context = Context()
        self.context.init(domain_id=domain)
        self.node = Node("client", context=self.context)
        self.executor = Executor(context=self.context)
        self.executor.add_node(self.node)
        self.heard: dict[str, list[Any]] = {}
        self._clients: dict[str, Any] = {}

    def hear(self, kind: type, topic: str, quality: Any) -> None:
        self.heard[topic] = []
        self.node.create_subscription(kind, topic, self.heard[topic].append, quality)

    def until(self, condition: Callable[[], Any], timeout_s: float = 600.0) -> None:
        end = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < end, f"waited {timeout_s} s; heard {self.counts()}"
            self.executor.spin_once(timeout_sec=0.05)

    def ask(self, service: str, kind: Any, request: Any = None) -> Any:
        """The answer of a service; `kind` is its type."""
        answer = self.client(service, kind).call_async(request or kind.Request())
        self.until(answer.done)
        return answer.result()

    def client(self, service: str, kind: Any) -> Any:
        """A client of the service, once its answers will arrive."""
        if service not in self._clients:
            self._clients[service] = self.node.create_client(kind, service)
            self.until(self._clients[service].service_is_ready)
            self._await_answers(service)
        return self._clients[service]

    def _await_answers(self, service: str) -> None:
        """Wait until the service's node has discovered this one: it drops answers to clients that it does not know.

        It discovers them in the order of their creation, so it is asked through a younger client until it answers.
        """
        probe = self.node.create_client(GetParameters, f"{self._server(service)}/get_parameters")
        calls: list[Any] = []

        def answered() -> bool:
            if probe.service_is_ready():
                calls.append(probe.call_async(GetParameters.Request()))
            return any(call.done() for call in calls)

        self.until(answered)
        self.node.destroy_client(probe)

    def _server(self, service: str) -> str:
        """The full name of the node that offers the service."""
        service = self.node.resolve_service_name(service)
        found: list[str] = []

        def look() -> bool:
            for name, namespace in self.node.get_node_names_and_namespaces():
                try:
                    offered = self.node.get_service_names_and_types_by_node(name, namespace)
                except NodeNameNonExistentError:  # it ended a moment ago
                    continue
                if service in [name for name, _ in offered]:
                    found.append(f"{namespace.rstrip('/')}/{name}")
            return bool(found)

        self.until(look)
        return found[0]

    def spin(self, duration_s: float) -> None:
        end = time.monotonic() + duration_s
        while time.monotonic() < end:
            self.executor.spin_once(timeout_sec=0.05)

    def counts(self) -> dict[str, int]:
        return {topic: len(messages) for topic, messages in self.heard.items()}

    def close(self) -> None:
        self.executor.shutdown()
        self.node.destroy_node()
        self.context.try_shutdown()
