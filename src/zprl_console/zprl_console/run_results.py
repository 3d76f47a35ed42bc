"""Reads the results of a run's episodes from its folder, while the learner writes them."""

import csv
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 20_000_000  # about half a million episodes


@dataclass
class RunResults:
    """The table metrics/episodes.csv of a run; it is read again when it has changed."""

    path: Path
    _stamp: tuple[int, int] = (0, 0)
    _results: tuple[bool, ...] = ()

    def read(self) -> tuple[bool, ...]:
        """Return the results, oldest first; the newest ones known where the file cannot be read now."""
        try:
            found = self.path.stat()
            stamp = (found.st_mtime_ns, found.st_size)
            if stamp != self._stamp and found.st_size <= MOST_BYTES:
                self._results, self._stamp = _results(self.path), stamp
        except (OSError, ValueError, csv.Error):
            pass
        return self._results


def _results(path: Path) -> tuple[bool, ...]:
    with path.open(newline="") as file:
        outcomes = [row.get("outcome") for row in csv.DictReader(file)]
    return tuple(outcome == "SUCCESS" for outcome in outcomes if outcome and outcome != "DISCARDED")
