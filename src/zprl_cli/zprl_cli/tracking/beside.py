"""Starts the trackers that ZPRL_TRACKERS names beside a run; their failures are one line each, and never the run's."""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from zprl.training.tracking.tracker import TrackerKind
from zprl_bringup.runner.node_process import node_environment

VARIABLE = "ZPRL_TRACKERS"
END_S = 20.0  # time to send the rest after the end of a run; wandb and MLflow take 1 to 3 s offline
KNOWN = ", ".join(kind.value for kind in TrackerKind)


class Beside:
    """Follows the run in `folder` with each tracker that the environment names, until the `with` block ends."""

    def __init__(self, folder: Path, env: Mapping[str, str] = os.environ):
        self.folder, self.env = folder, env
        self._followers: list[_Follower] = []

    def __enter__(self) -> "Beside":
        for name in filter(None, (word.strip() for word in self.env.get(VARIABLE, "").split(","))):
            try:
                self._followers.append(_Follower(TrackerKind(name), self.folder, self.env))
            except ValueError:
                say(f"{VARIABLE} names {name!r}, known are {KNOWN}; the run goes on without it")
            except OSError as error:
                say(f"{name} was not started, the run goes on: {error}")
        return self

    def __exit__(self, *_: object) -> None:
        for follower in self._followers:
            follower.close()
        for follower in self._followers:
            follower.end()


class _Follower:
    """One process, and a thread that says why it ended."""

    def __init__(self, kind: TrackerKind, folder: Path, env: Mapping[str, str]):
        self.kind, self.folder = kind, folder
        command = [sys.executable, "-m", "zprl.training.tracking.follow", str(folder.absolute()), kind.value]
        self.process = subprocess.Popen(
            command,
            env=node_environment(env),
            stdin=subprocess.PIPE,  # its end is the end of the run, also when this process is killed
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C ends the run, and then this
        )
        self._watch = threading.Thread(target=self._say_end, daemon=True)
        self._watch.start()

    def close(self) -> None:
        """Let it send the rest and end."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def end(self) -> None:
        """Wait for the rest to be sent, and kill the process if that takes long."""
        try:
            self.process.wait(END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            later = f"zprl track {self.folder} --to {self.kind.value}"
            say(f"{self.kind.value} did not take the rest within {END_S:g} s; {later} sends it")
        self._watch.join(END_S)

    def _say_end(self) -> None:
        assert self.process.stderr is not None
        last = ""
        for line in self.process.stderr:  # read to its end, as a full pipe would stop the process
            last = line.strip() or last
        if self.process.wait() > 0:
            say(f"{self.kind.value} stopped, the run goes on: {last or 'it gave no reason'}")


def say(text: str) -> None:
    """Print one line of the trackers."""
    print(f"zprl: tracker {text}", file=sys.stderr, flush=True)
