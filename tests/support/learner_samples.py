"""A learner process seen from outside: its memory, processor time and updates, sampled while it runs."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from listener import Listener
from zprl_core.ros import topics
from zprl_msgs.msg import LearnerStatus

STATUS = topics.LEARNER_STATUS
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Sample:
    """One look at the learner."""

    time_s: float  # steady clock
    pid: int
    rss_mb: float
    cpu_s: float  # of this process so far
    transitions: int
    updates: int
    duplicates: int  # transitions that came again, and were dropped
    early: int  # transitions that came before an earlier one, and were dropped


@dataclass
class LearnerSamples:
    """Samples of one run, whose learner may be killed and come back. A `with` block hears its status."""

    domain: int
    rows: list[Sample] = field(default_factory=list)

    def __enter__(self) -> "LearnerSamples":
        self._listener = Listener(self.domain)
        self._listener.hear(STATUS.type, STATUS.name, STATUS.qos)
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def take(self, pid: int | None, duration_s: float) -> None:
        """Listen for some time, then look at the process."""
        self._listener.spin(duration_s)
        status = self.status
        if pid is None or status is None:
            return
        with suppress(OSError):  # it has just ended
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            cpu_s = (int(fields[11]) + int(fields[12])) / TICKS
            rss_mb = int(fields[21]) * PAGE / 1e6
            counts = status.transitions, status.updates, status.duplicates, status.early
            self.rows.append(Sample(time.monotonic(), pid, rss_mb, cpu_s, *counts))

    @property
    def status(self) -> LearnerStatus | None:
        """The newest status, as far as it has come."""
        heard = self._listener.heard[STATUS.name]
        return heard[-1] if heard else None

    @property
    def transitions(self) -> int:
        """How many transitions the learner has."""
        return self.rows[-1].transitions if self.rows else 0

    def between(self, begin_s: float, end_s: float) -> "LearnerSamples":
        """Select the samples of a time."""
        return LearnerSamples(self.domain, [row for row in self.rows if begin_s <= row.time_s <= end_s])

    @property
    def lives(self) -> list[list[Sample]]:
        """The samples of each process, one after the other."""
        return [[row for row in self.rows if row.pid == pid] for pid in dict.fromkeys(row.pid for row in self.rows)]

    @property
    def cores(self) -> float:
        """Processor time for each second in which it ran."""
        used_s = sum(life[-1].cpu_s - life[0].cpu_s for life in self.lives)
        return used_s / max(1e-9, sum(life[-1].time_s - life[0].time_s for life in self.lives))

    @property
    def updates_per_s(self) -> float:
        """Updates for each second of the whole time."""
        first, last = self.rows[0], self.rows[-1]
        return (last.updates - first.updates) / max(1e-9, last.time_s - first.time_s)

    @property
    def again(self) -> int:
        """Transitions that were sent again without need, or before their turn."""
        return sum(life[-1].duplicates + life[-1].early for life in self.lives)

    @property
    def rss_mb_per_1000(self) -> float:
        """Growth of its memory for 1000 transitions [MB], in the second half of its last life."""
        life = self.lives[-1]
        first, last = life[len(life) // 2], life[-1]
        return 1e3 * (last.rss_mb - first.rss_mb) / max(1, last.transitions - first.transitions)
