"""Runs a graph from start to end: chooses its domain, starts it, watches it, and stops it cleanly."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from zprl_bringup.graph.network import leaves_machine
from zprl_bringup.graph.spec import Grace, Graph, GraphError
from zprl_bringup.runner.domain_ports import any_ports, shared_ports
from zprl_bringup.runner.environment import environment
from zprl_bringup.runner.graph_note import noted
from zprl_bringup.runner.graph_waiting import GraphWaiting
from zprl_bringup.runner.middleware import check_middleware
from zprl_bringup.runner.ros_domain import own_domain, parts_of
from zprl_bringup.runner.run_status import RunStatus
from zprl_bringup.runner.runner import Runner, check_built, on_stderr
from zprl_core.host.inherited_signals import heeded
from zprl_core.host.own_graph import VARIABLE, new_graph

POLL_S = 0.2
TOLD_S = 1.5  # a policy reports twice a second: after this time its journal holds the last episode
HEARD_S = 10.0  # longest wait for the ends of the last episodes
DELIVER_S = 60.0  # longest wait for a learner to store the last episodes; what is left comes with the next start


def run_graph(
    graph: Graph,
    run_folder: Path,
    until: Callable[[RunStatus], bool] = lambda progress: False,
    on_progress: Callable[[RunStatus], None] = lambda progress: None,
    grace: Grace = Grace(),  # noqa: B008  frozen
    say: Callable[[str], None] = on_stderr,
) -> RunStatus:
    """Run `graph` until `until` returns True or every episode node is done, then stop it; logs go to run_folder/logs.

    `say` receives a line for the operator: a node that is restarted, or what the graph waits for.

    Ctrl-C, SIGTERM and SIGHUP also stop the graph cleanly, and KeyboardInterrupt is raised to the caller. Call it from
    the main thread. Raises GraphError with the cause when the graph cannot be started, or when a node ends
    unexpectedly.
    """
    env = graph.variables(os.environ)
    check_built(graph)
    check_middleware(env)
    with (
        own_domain(env, parts=parts_of(graph)) as domain,
        environment(own := {name: env[name] for name in graph.env} | {"ROS_DOMAIN_ID": str(domain)}),
        environment({VARIABLE: new_graph()}),
        noted(graph, domain, own, run_folder=run_folder),
    ):
        # Imported after the environment is set, as Fast DDS reads it once.
        from zprl_bringup.ros.monitor import GraphMonitor
        from zprl_bringup.ros.namesakes import check_namesakes

        if leaves_machine(env):
            check_namesakes(graph, domain, say)
        if trouble := shared_ports(domain, ports := any_ports()):
            say(f"zprl: ROS domain {domain}: {trouble}; {ports.remedy}")
        with (
            _Interrupt() as interrupt,
            Runner(graph, run_folder / "logs", grace, say=say) as runner,
            GraphMonitor(graph, domain) as monitor,
        ):
            waiting, last = GraphWaiting(graph, runner.log_folder), LastEpisodes(graph)
            while True:
                interrupt.check()
                monitor.spin(POLL_S)
                progress = monitor.progress()
                on_progress(progress)
                if words := waiting.message(progress, time.monotonic()):
                    say(f"zprl: {words}")
                if until(progress):
                    return progress
                if _is_over(graph, runner) and last.arrived(progress, time.monotonic()):
                    return progress


class LastEpisodes:
    """Decides, once the episode nodes have ended, whether the last episodes have arrived. Times in s.

    That is at the learner, which has stored them, or without one here, as on a busy machine their ends come late.
    Learner and policies count from the graph: one of them may not have been heard yet.
    """

    def __init__(self, graph: Graph) -> None:
        policies = graph.find("policy_node")
        remote = any(node.parameters.get("mode") == "finetune" for node in policies)
        self._policies, self._learns = len(policies), remote or bool(graph.find("learner_node"))
        self._episodes = sum(int(str(n.parameters.get("max_episodes", 0))) for n in graph.find("episode_node"))
        self._ended_s: float | None = None  # when it was asked first

    def arrived(self, now: RunStatus, now_s: float) -> bool:
        """Return True if nothing is left to wait for."""
        if self._ended_s is None:
            self._ended_s = now_s
        waited_s = now_s - self._ended_s
        if not self._learns:
            return now.episodes >= self._episodes or waited_s > HEARD_S
        heard = now.learner_seen and now.robots_seen >= self._policies
        delivered = heard and waited_s > TOLD_S and now.backlog == 0
        return delivered or waited_s > DELIVER_S


def _is_over(graph: Graph, runner: Runner) -> bool:
    """True when every episode node has finished its episodes. Raises GraphError when another node has ended."""
    running = runner.poll()
    if runner.failures:
        raise GraphError("; ".join(map(str, runner.failures)))
    episode_nodes = {node.label for node in graph.find("episode_node")}
    others = set(runner.finished) - episode_nodes
    if others:
        raise GraphError(f"{', '.join(sorted(others))} ended or was shut down; see the logs in {runner.log_folder}")
    return not running or (bool(episode_nodes) and episode_nodes <= set(runner.finished))


class _Interrupt:
    """Handles Ctrl-C, SIGTERM and SIGHUP in the block: notes the first, raises KeyboardInterrupt at the next ones.

    SIGHUP under nohup and SIGINT in a script's background stay ignored.

    An exception from a handler could interrupt rclpy anywhere, even inside a callback, where it would be lost.
    """

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __enter__(self) -> "_Interrupt":
        self._received = False
        self._before = {number: signal.signal(number, self._note) for number in heeded(*self.numbers)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def check(self) -> None:
        """Raises KeyboardInterrupt if a signal has arrived."""
        if self._received:
            raise KeyboardInterrupt

    def _note(self, number: int, frame: object) -> None:
        if self._received:
            raise KeyboardInterrupt
        self._received = True
