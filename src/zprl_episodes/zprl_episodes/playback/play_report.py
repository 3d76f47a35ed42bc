"""The report of a playback, which its node writes and the command that started it reads."""

import json
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path

from zprl_core.config.flatten import flatten, unflatten
from zprl_core.config.validate import check_types


class PlayPhase(str, Enum):
    """The phases of a playback, in their order; a playback ends as done or as stopped."""

    WAITING = "waiting"  # for the arm
    APPROACHING = "approaching"  # the first recorded pose
    PLAYING = "playing"
    DONE = "done"
    STOPPED = "stopped"  # before the end of the episode

    @property
    def ended(self) -> bool:
        return self in (PlayPhase.DONE, PlayPhase.STOPPED)


@dataclass(frozen=True)
class PlayReport:
    """The state of a playback, and its result. Distances are those of `Deviation` [m], once it has played."""

    phase: PlayPhase = PlayPhase.WAITING
    reason: str = ""  # why it waits or stopped
    played_s: float = 0.0  # of the recording
    duration_s: float = 0.0  # of the recording
    clipped: int = 0  # control steps in which a guard changed the command
    guard: str = ""  # the last reason for that
    path_mean: float = 0.0
    path_max: float = 0.0
    time_mean: float = 0.0
    time_max: float = 0.0

    def write(self, path: Path) -> None:
        """Replaces the file. Raises OSError."""
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(self)))
        new.replace(path)

    @classmethod
    def read(cls, path: Path) -> "PlayReport":
        """Reads what the node wrote; the first report where it has written nothing yet. Raises ValueError."""
        try:
            values = {**flatten(cls()), **json.loads(path.read_text())}
        except FileNotFoundError:
            return cls()
        check_types(cls, values)
        return unflatten(cls, values)
