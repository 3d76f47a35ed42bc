"""Robot and learner of one run, each on a host of its own, for a test and a benchmark."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from namespaces import Hosts
from zprl.checkpoints.run_folder import RunFolder
from zprl_bringup.graph.graphs import SHARED, default_env
from zprl_bringup.graph.network import Only

NAME = "split"
END_S = 120.0  # greatest time for a graph to end on a busy machine
ZPRL = (sys.executable, "-c", "from zprl_cli.main import main; main()")
TIMES = str(Path(__file__).with_name("command_times.py"))


class Heard(NamedTuple):
    """A command that a host has heard."""

    time_s: float  # steady clock
    weights: int  # number of the weights behind it
    events: int  # episode events before it: of one episode, if it is the same for two commands


class SplitRun:
    """The programs of a run on several hosts, which end with the `with` block. `folder` receives what they write."""

    def __init__(self, hosts: Hosts, base: Path, folder: Path, domain: int) -> None:
        self.hosts, self.base, self.folder = hosts, base, folder
        self.env: Mapping[str, str] = {**os.environ, "ROS_DOMAIN_ID": str(domain)}
        self._programs: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "SplitRun":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for name in list(self._programs):
            self.stop(name)

    def up(self, host: str, part: str, *words: str) -> None:
        """Start `zprl up --only PART` on a host. The host's name is that of the program too."""
        runs = str(self.folder / host)
        command = (*ZPRL, "up", "--base", str(self.base), "--only", part, "--name", NAME, "--runs", runs, *words)
        # each host has lock files of its own; the folder's name may be long, and the graph makes sockets nowhere in it
        self._start(host, host, command, {"TMPDIR": str(self._made(f"{host}-tmp"))})

    def hear(self, host: str, robot: str = "") -> None:
        """Start a program on a host that hears the robot's commands. `robot`: its name, where there are several."""
        remapped = [word for source, target in SHARED for word in ("-r", f"{source}:={target}")] if robot else []
        arguments = (str(self._times(host)), "--ros-args", "-r", f"__ns:=/{robot}", *remapped)
        self._start(f"{host}-times", host, (sys.executable, TIMES, *arguments), default_env(only=Only.ROBOT))

    def heard(self, host: str) -> list[Heard]:
        """Return the commands that a host has heard."""
        path = self._times(host)
        lines = path.read_text().split("\n")[:-1] if path.exists() else []
        return [Heard(float(time_s), int(weights), int(events)) for time_s, weights, events in map(str.split, lines)]

    def stop(self, name: str) -> int:
        """End a program as Ctrl-C does. Returns its exit code."""
        program = self._programs.pop(name)
        program.send_signal(signal.SIGINT)
        try:
            return program.wait(END_S)
        finally:
            program.kill()

    def run_folder(self, host: str) -> RunFolder:
        """Return the run's folder on a host."""
        return RunFolder(self.folder / host / NAME)

    def said(self, name: str) -> str:
        """Return what a program has printed."""
        return (self.folder / f"{name}.log").read_text()

    def _start(self, name: str, host: str, command: tuple[str, ...], env: Mapping[str, str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._programs[name] = self.hosts.popen(
                host,
                command,
                env={**self.env, **env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _made(self, name: str) -> Path:
        (self.folder / name).mkdir(exist_ok=True)
        return self.folder / name

    def _times(self, host: str) -> Path:
        return self.folder / f"{host}.times"
