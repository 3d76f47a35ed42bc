"""Shows the progress of a job: phase, success rate, speed and time left."""

import mmap
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from tqdm import tqdm

from zprl.training.statistics import SuccessRate

QUIET_S = 15.0  # time between two lines where there is no terminal
FORMAT = "{desc:<18} {percentage:3.0f}%|{bar:24}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]"


class Phase:
    """One phase of the job, while it runs: a bar on a terminal, a line every 15 s elsewhere.

    `rate`: what the success rate is that is shown.
    """

    def __init__(self, name: str, total: int, stream: IO[str], rate: str = "success"):
        self.name, self.stream, self.rate = name, stream, rate
        self._terminal = stream.isatty()
        self._printed_s = time.monotonic()
        self._success: SuccessRate | None = None
        self._held_out = ""
        self._bar: Any = tqdm(
            desc=name, total=total, file=stream, disable=not self._terminal, bar_format=FORMAT, leave=False
        )
        self._shared_done = memoryview(mmap.mmap(-1, 8)).cast("q")  # a forked process may train, and this one print
        self._total = total
        self._first: int | None = None
        self._began_s = time.monotonic()

    def update(
        self,
        done: int,
        success: SuccessRate | None = None,
        env_steps_per_s: float | None = None,
        updates_per_s: float | None = None,
        held_out: str = "",
        missing: str = "",
        training: str = "",
    ) -> None:
        """Show `done` of the phase's total.

        `success`: over the last 50 episodes, or over all of an evaluation. `held_out`: result of an interim evaluation.
        `missing`: what the phase needs to end before its total. `training`: loss and throughput of offline training.
        """
        if self._first is None:
            self._first = done
            self._bar.initial = done  # steps of an earlier call do not count for the speed
        self._shared_done[0] = done
        self._success, self._held_out = success, held_out
        speed = _speed(env_steps_per_s, updates_per_s)
        words = ", ".join(filter(None, (self._rate(success), held_out, missing, speed, training)))
        if self._terminal:
            self._bar.n = min(done, self._total)
            self._bar.set_postfix_str(words)
        elif time.monotonic() - self._printed_s > QUIET_S:
            self._printed_s = time.monotonic()
            print(f"{self.name}: {done}/{self._total}  {words}  {self._left()}", file=self.stream, flush=True)

    def training(self, batch: int) -> Callable[[int, Mapping[str, float]], None]:
        """Return what shows the steps of offline training: loss, and the observations of `batch` learned a second."""
        began_s = time.monotonic()

        def show(step: int, terms: Mapping[str, float]) -> None:
            speed = batch * step / max(1e-9, time.monotonic() - began_s)
            self.update(step, training=f"loss {sum(terms.values()):.4f}, {speed:,.0f} observations/s")

        return show

    def close(self, finished: bool) -> None:
        """Print one line with the result of the phase."""
        self._bar.close()
        wall = time.monotonic() - self._began_s
        result = f"  {self.rate} {self._success}" if self._success and self._success.episodes else ""
        result += f", {self._held_out}" if self._held_out else ""
        state = "" if finished else f", stopped at {self._shared_done[0]}/{self._total}"
        print(f"{self.name}: {wall:.0f} s{state}{result}", file=self.stream, flush=True)

    def _rate(self, success: SuccessRate | None) -> str:
        if success is None or not success.episodes:
            return ""
        return f"{self.rate} {100 * success.rate:.0f} % of {success.episodes}"

    def _left(self) -> str:
        progress = self._shared_done[0] - (self._first or 0)
        if progress <= 0:
            return ""
        left = (self._total - self._shared_done[0]) * (time.monotonic() - self._began_s) / progress
        return f"{max(0.0, left) / 60:.1f} min left"


class ProgressBar:
    """Shows the phases of a job; job and phases are `with` blocks."""

    def __init__(self, stream: IO[str] | None = None):
        self.stream = sys.stderr if stream is None else stream

    def __enter__(self) -> "ProgressBar":
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.flush()

    @contextmanager
    def phase(self, name: str, total: int, rate: str = "success") -> Iterator[Phase]:
        """Show one phase of `total` units. `rate`: name of the success rate that is shown."""
        phase, finished = Phase(name, total, self.stream, rate), False
        try:
            yield phase
            finished = True
        finally:
            phase.close(finished)


def _speed(env_steps_per_s: float | None, updates_per_s: float | None) -> str:
    parts = []
    if env_steps_per_s is not None:
        parts.append(f"{env_steps_per_s:.0f} steps/s")
    if updates_per_s is not None:
        parts.append(f"{updates_per_s:.0f} updates/s")
    return ", ".join(parts)
