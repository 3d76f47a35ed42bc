"""Shows the progress of a sweep: runs finished, failed and running, and what the first running one does."""

import sys
import time
from collections.abc import Sequence
from typing import IO, Any

from tqdm import tqdm

from zprl_cli.progress_bar import QUIET_S
from zprl_cli.sweep.work import Outcome

FORMAT = "{desc} {percentage:3.0f}%|{bar:20}| {n_fmt}/{total_fmt} runs [{elapsed}<{remaining}{postfix}]"
SHOWN = 70  # characters of a running command's last line


class SweepBar:
    """A bar on a terminal, a line every 15 s elsewhere; and a line for each run that ends."""

    def __init__(self, total: int, finished: int, stream: IO[str] | None = None):
        """`finished`: runs of an earlier call."""
        self.stream = sys.stderr if stream is None else stream
        self._terminal = self.stream.isatty()
        self._total, self._done, self._failed = total, finished, 0
        self._printed_s = time.monotonic()
        self._bar: Any = tqdm(
            desc="sweep", total=total, initial=finished, file=self.stream, disable=not self._terminal, bar_format=FORMAT
        )

    def show(self, running: Sequence[str]) -> None:
        """Show what runs. `running`: name and last line of each command."""
        failed = f", {self._failed} failed" if self._failed else ""
        first = f": {running[0][:SHOWN]}" if running else ""
        text = f"{len(running)} running{failed}{first}"
        if self._terminal:
            self._bar.set_postfix_str(text)
        elif time.monotonic() - self._printed_s > QUIET_S:
            self._printed_s = time.monotonic()
            print(f"sweep: {self._done}/{self._total} runs, {text}", file=self.stream, flush=True)

    def ended(self, outcome: Outcome) -> None:
        """Count a run that has ended, and print a line about it."""
        self._done += not outcome.trouble
        self._failed += bool(outcome.trouble)
        self._bar.update(not outcome.trouble)
        how = f"failed: {outcome.trouble}" if outcome.trouble else "finished"
        tqdm.write(f"{outcome.name}: {how}, {outcome.seconds:.0f} s", file=self.stream)

    def close(self) -> None:
        """Leave the bar as it is."""
        self._bar.close()
