"""Runs one node as a process: command line, environment, log and signals."""

import contextlib
import os
import re
import signal
import subprocess
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from zprl_bringup.graph.spec import NodeSpec, parameter_yaml
from zprl_bringup.runner import die_with_parent

WHEELS_GUARD = "_ROS_WHEELS_BOOTSTRAP_COMPLETE"
LOG_PREFIX = re.compile(r"^(\[[A-Z]+\] )?(\[\d+\.\d+\] )?(\[[\w./]+\]: )?")
LOG_TAIL_BYTES = 8192


def ros_arguments(spec: NodeSpec, parameter_file: Path) -> list[str]:
    """Return the ROS arguments that give an executable its name, namespace, remappings and parameters."""
    arguments = ["--ros-args", "--disable-external-lib-logs", "-r", f"__node:={spec.name}"]
    arguments += ["-r", f"__ns:=/{spec.namespace}"]
    arguments += ["--enclave", spec.enclave]
    for source, target in spec.remappings:
        arguments += ["-r", f"{source}:={target}"]
    return [*arguments, "--params-file", str(parameter_file)] if spec.parameters else arguments


def node_environment(env: Mapping[str, str], *layers: Mapping[str, str]) -> dict[str, str]:
    """Merge `env` with `layers`; the first one that sets a variable takes precedence."""
    merged = {"PYTHONUNBUFFERED": "1", "RCUTILS_COLORIZED_OUTPUT": "0"}
    for layer in (*reversed(layers), env):
        merged |= layer
    # If the variable were inherited, the wheels would use a library path that may be that of another environment.
    merged.pop(WHEELS_GUARD, None)
    return merged


class NodeProcess:
    """A node in its own process group, whose output is appended to one log file.

    A node of the terminal has our group, as another one could not read the keyboard, and logs its errors only.
    """

    def __init__(self, spec: NodeSpec, executable: Path, log_folder: Path, env: Mapping[str, str]):
        self.spec, self.executable, self.env = spec, executable, dict(env)
        self.log = log_folder / f"{spec.label}.log"
        self.parameter_file = log_folder / f"{spec.label}.yaml"
        self._starts: deque[float] = deque(maxlen=1000)
        self._popen: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    def start(self) -> None:
        """Start or restart the node. The calling thread must outlive it: Linux ends the node with that thread."""
        self.parameter_file.write_text(parameter_yaml(self.spec))
        command = [str(self.executable), *ros_arguments(self.spec, self.parameter_file)]
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            shown = self.spec.terminal
            self._popen = subprocess.Popen(
                [*die_with_parent.command(signal.SIGKILL), *command],
                stdin=None if shown else subprocess.DEVNULL,
                stdout=None if shown else log,
                stderr=log,
                env=self.env,
                start_new_session=not shown,
            )
        self._starts.append(time.monotonic())

    def starts(self, within_s: float) -> int:
        """Number of starts within the last `within_s` seconds."""
        return sum(start > time.monotonic() - within_s for start in self._starts)

    @property
    def pid(self) -> int | None:
        """Process id, which is also the group's id; None when the node does not run."""
        return self._popen.pid if self._popen is not None else None

    def poll(self) -> int | None:
        """Return the exit code when the node has just ended (negative: the signal that ended it), else None."""
        if self._popen is None or not self._ended():
            return None
        # Ends the node's children too. The group's id cannot be reused before its leader is reaped.
        self._send(signal.SIGKILL)
        code = self._popen.wait()
        self._popen = None
        return code

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the node and its children."""
        if self._popen is not None:
            self._send(number)

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end; True when the node has ended within `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        while self._popen is not None and self.poll() is None:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def last_line(self) -> str:
        """Return the last line logged since the start, without the logger's prefix; "" when there is none."""
        try:
            with self.log.open("rb") as log:
                size = log.seek(0, os.SEEK_END)
                log.seek(max(self._log_start, size - LOG_TAIL_BYTES))
                lines = log.read().decode(errors="replace").split("\n")
        except OSError:
            return ""
        logged = [line.strip() for line in lines if line.strip()]
        return LOG_PREFIX.sub("", logged[-1]) if logged else ""

    def _ended(self) -> bool:
        assert self._popen is not None
        return os.waitid(os.P_PID, self._popen.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _send(self, number: signal.Signals) -> None:
        assert self._popen is not None
        with contextlib.suppress(ProcessLookupError):
            (os.kill if self.spec.terminal else os.killpg)(self._popen.pid, number)
