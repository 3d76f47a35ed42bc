"""Starts interim evaluations beside a run, one at a time, and keeps their results."""

import subprocess
import sys
import time
from dataclasses import dataclass

from torch.utils.tensorboard import SummaryWriter

from zprl.checkpoints.learner_checkpoint import load_counters
from zprl.checkpoints.run_folder import RunFolder
from zprl_cli.doctor.child_process import Silent, answer, end, start
from zprl_cli.interim.result import InterimResult, append_result, read_results

LOOK_EVERY_S = 1.0  # time between two looks at the checkpoints
END_S = 10.0  # greatest time from the end of the output to that of the process


@dataclass(frozen=True)
class InterimSettings:
    """Number of held-out episodes of the newest policy, and control steps between two evaluations; 0 episodes: none."""

    episodes: int = 0
    every: int = 8_000  # control steps

    def __post_init__(self) -> None:
        if self.episodes < 0 or self.every < 1:
            raise ValueError(f"episodes must be at least 0 and every at least 1, got {self.episodes}, {self.every}")


class InterimSchedule:
    """Evaluates new checkpoints of a run in a process of the lowest priority, until the `with` block ends.

    A failure ends the evaluations, not the run.
    """

    def __init__(self, folder: RunFolder, settings: InterimSettings):
        self.folder, self.settings = folder, settings
        self.failed = False
        found = read_results(folder.metrics)
        self.newest: InterimResult | None = found[-1] if found else None
        self._process: subprocess.Popen[str] | None = None
        self._looked_s = float("-inf")

    def __enter__(self) -> "InterimSchedule":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            end(self._process)

    def poll(self) -> str:
        """Start or finish an evaluation if it is time; returns the newest result for the bar, "" without one."""
        now_s = time.monotonic()
        if self.settings.episodes and not self.failed and now_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = now_s
            if self._process is None:
                self._start_if_due()
            elif self._process.poll() is not None:
                self._take(self._process)
        return "" if self.newest is None else str(self.newest)

    def _start_if_due(self) -> None:
        steps = load_counters(self.folder.actor).env_steps
        before = 0 if self.newest is None else self.newest.env_steps
        if steps - before >= self.settings.every:
            arguments = str(self.folder.path.absolute()), str(self.settings.episodes)
            self._process = start("zprl_cli.interim.evaluation", *arguments)

    def _take(self, process: "subprocess.Popen[str]") -> None:
        self._process = None
        try:
            self.newest = InterimResult(**answer(process, END_S))
            append_result(self.folder.metrics, self.newest)
            # In a folder of its own: TensorBoard would leave the learner's file, which still grows, for a newer one.
            with SummaryWriter(str(self.folder.metrics / "held_out")) as events:
                events.add_scalar("success_held_out", self.newest.success.rate, self.newest.env_steps)
        except (Silent, ValueError, TypeError, OSError) as error:
            self.failed = True
            print(f"zprl: interim evaluations stopped, finetuning continues: {error}", file=sys.stderr)
