"""Hands a run to Weights & Biases. No other module imports wandb."""

import os
import time
import uuid
from collections.abc import Sequence
from typing import Literal

os.environ.setdefault("WANDB_ERROR_REPORTING", "false")  # nothing goes to its makers that the user has not asked for

import wandb

from zprl.training.tracking.run_tables import Marks, Point
from zprl.training.tracking.state_file import read_state, write_state
from zprl.training.tracking.tracker import PROJECT, TrackedRun

STEP = "env_steps"
FLUSHED_S = 30.0  # its process writes each 15 s: what was sent before is on disk


class WandbTracker:
    """A run of wandb with the same id at each call, offline unless `online` or WANDB_MODE=online.

    Files are in trackers/wandb of the run; `wandb sync` uploads them later.
    """

    def __init__(self, run: TrackedRun, online: bool):
        self._state_file = run.folder / "wandb.json"
        state = read_state(self._state_file)
        self._id = str(state.get("id") or uuid.uuid4().hex)
        self._marks: dict[str, int] = dict(state.get("marks", {}))
        self._sent: list[tuple[float, Marks]] = []  # not surely on disk yet
        self._write(self._marks)
        self._tracked, self._online = run, online
        self._run: wandb.Run | None = None  # each one makes a folder, so it is made for new points only

    def marks(self) -> Marks:
        return self._sent[-1][1] if self._sent else self._marks

    def send(self, points: Sequence[Point], marks: Marks) -> None:
        if self._run is None:
            self._run = self._begun()
        for point in points:
            self._run.log({STEP: point.env_steps, **point.values})
        self._sent.append((time.monotonic(), dict(marks)))
        while self._sent and time.monotonic() - self._sent[0][0] > FLUSHED_S:
            self._write(self._sent.pop(0)[1])

    def close(self) -> None:
        if self._run is not None:
            self._run.finish()
            wandb.teardown()  # finish() may return before its process has written the file
            self._write(self.marks())

    def _begun(self) -> "wandb.Run":
        begun = wandb.init(
            project=os.environ.get("WANDB_PROJECT", PROJECT),
            id=self._id,
            name=self._tracked.name,
            dir=str(self._tracked.folder),
            mode=_mode(self._online),
            resume="allow",
            allow_val_change=True,  # a run may be made longer
            config=self._tracked.settings,
            settings=wandb.Settings(console="off", silent=True, disable_git=True, disable_code=True),
        )
        begun.define_metric(STEP, hidden=True)
        begun.define_metric("*", step_metric=STEP)
        return begun

    def _write(self, marks: Marks) -> None:
        self._marks = dict(marks)
        write_state(self._state_file, {"id": self._id, "marks": self._marks})


def _mode(online: bool) -> Literal["online", "offline"]:
    return "online" if online or os.environ.get("WANDB_MODE") == "online" else "offline"
