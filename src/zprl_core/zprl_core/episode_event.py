"""What can happen to an episode."""

from dataclasses import dataclass
from enum import IntEnum


class EpisodeEventKind(IntEnum):
    """Numbers as in EpisodeEvent."""

    STARTED = 0
    SUCCESS = 1
    FAILURE = 2
    TIMEOUT = 3
    DISCARDED = 4


@dataclass(frozen=True)
class EpisodeEvent:
    """What happened to an episode, in the state of `stamp_ns`."""

    kind: EpisodeEventKind
    stamp_ns: int
    episode: int
    reward: float = 0.0  # of the last step
    steps: int = 0
    source: str = "automatic"
