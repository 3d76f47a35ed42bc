"""One node as a process, and somebody outside who hears what it says."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from rclpy.context import Context
from rclpy.node import Node

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
        return process.wait(10)
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

    def hear(self, kind: type, topic: str, quality: Any) -> None:
        self.heard[topic] = []
        self.node.create_subscription(kind, topic, self.heard[topic].append, quality)

    def until(self, condition: Callable[[], Any], timeout_s: float = 60.0) -> None:
        end = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < end, f"waited {timeout_s} s; heard {self.counts()}"
            self.executor.spin_once(timeout_sec=0.05)

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
