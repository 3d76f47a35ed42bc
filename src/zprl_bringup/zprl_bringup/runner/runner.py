"""Starts a graph where `launch` is not installed, watches it, and stops it with all its processes."""

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from zprl_bringup.graph.paths import NotBuiltError, find_executable, package_prefix
from zprl_bringup.graph.spec import Grace, Graph, GraphError, NodeSpec
from zprl_bringup.runner.node_process import NodeProcess, node_environment
from zprl_core.errors import USER_ERROR
from zprl_core.host.start_errors import explain_text

RESPAWN_WITHIN_S = 60.0  # a node that ends more than respawn_max times within this time is not restarted


@dataclass(frozen=True)
class Failure:
    """A node that ended and is not restarted."""

    node: str
    code: int  # exit code; negative: the signal that ended it
    cause: str  # the last line it logged
    log: Path

    def __str__(self) -> str:
        how = f"signal {signal.Signals(-self.code).name}" if self.code < 0 else f"exit code {self.code}"
        if self.code == USER_ERROR and self.cause:
            return f"{self.node}: {self.cause}"
        cause = explain_text(self.cause) or self.cause or "it logged nothing"
        return f"{self.node} ended with {how}: {cause} (see {self.log})"


def on_stderr(words: str) -> None:
    """Print a line for the operator."""
    print(words, file=sys.stderr, flush=True)


@dataclass
class Runner:
    """Runs the graph's nodes as child processes, within a `with` block in the main thread.

    Raises GraphError when the graph cannot be started.
    """

    graph: Graph
    log_folder: Path
    grace: Grace = field(default_factory=Grace)
    env: Mapping[str, str] | None = None  # None: that of this process
    find: Callable[[str, str], Path] = find_executable
    say: Callable[[str], None] = on_stderr  # receives a line for the operator
    failures: list[Failure] = field(default_factory=list, init=False)
    finished: list[str] = field(default_factory=list, init=False)  # ended by themselves, with exit code 0
    _processes: list[NodeProcess] = field(default_factory=list, init=False)
    _due: dict[str, float] = field(default_factory=dict, init=False)  # when each ended node is restarted

    def __enter__(self) -> "Runner":
        try:
            self.log_folder.mkdir(parents=True, exist_ok=True)
            self._processes = [self._process(spec) for spec in self.graph.nodes]
            for process in self._processes:
                process.start()
        except BaseException as error:
            self.stop()
            if isinstance(error, (NotBuiltError, OSError)):
                raise GraphError(f"cannot start the graph: {error}") from None
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of the running nodes, by label."""
        return {p.spec.label: p.pid for p in self._processes if p.pid is not None}

    def poll(self) -> bool:
        """Record ended nodes and restart those that are due; True while any node runs or will be restarted."""
        for process in self._processes:
            code = process.poll()
            if code is not None:
                self._ended(process, code)
            elif process.spec.label in self._due and time.monotonic() >= self._due[process.spec.label]:
                del self._due[process.spec.label]
                process.start()
        return bool(self._due) or any(process.pid is not None for process in self._processes)

    def wait(self, timeout_s: float | None = None, until: Callable[[], bool] = lambda: False) -> bool:
        """Poll until nothing runs, a node fails, or `until` returns True; False when the time is over before."""
        end = None if timeout_s is None else time.monotonic() + timeout_s
        while self.poll() and not self.failures and not until():
            if end is not None and time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def stop(self) -> None:
        """End every node with SIGINT, then SIGTERM, then SIGKILL; Ctrl-C skips to the next signal."""
        interrupted = False
        self._due.clear()
        for number, grace_s in self.grace.stages:
            try:
                self._signal_and_wait(number, grace_s)
            except KeyboardInterrupt:
                interrupted = True
        if interrupted:
            raise KeyboardInterrupt

    def _signal_and_wait(self, number: signal.Signals, grace_s: float) -> None:
        running = [p for p in self._processes if p.pid is not None]
        for process in running:
            process.send(number)
        deadline = time.monotonic() + grace_s
        for process in running:
            process.wait(max(0.0, deadline - time.monotonic()))

    def _process(self, spec: NodeSpec) -> NodeProcess:
        env = os.environ if self.env is None else self.env
        executable = self.find(spec.package, spec.executable)
        return NodeProcess(spec, executable, self.log_folder, node_environment(env, spec.env, self.graph.env))

    def _ended(self, process: NodeProcess, code: int) -> None:
        spec = process.spec
        if spec.respawn and code not in (0, USER_ERROR) and process.starts(RESPAWN_WITHIN_S) <= spec.respawn_max:
            self.say(f"zprl: {spec.label} ended ({code}: {process.last_line()}); restarting it")
            self._due[spec.label] = time.monotonic() + spec.respawn_delay_s
        elif code == 0:
            self.finished.append(spec.label)
        else:
            self.failures.append(Failure(spec.label, code, process.last_line(), process.log))


def check_built(graph: Graph) -> None:
    """Raises GraphError with the remedy when a node or the messages cannot be found."""
    try:
        package_prefix("zprl_msgs")
        for spec in graph.nodes:
            find_executable(spec.package, spec.executable)
    except NotBuiltError as error:
        raise GraphError(str(error)) from None
