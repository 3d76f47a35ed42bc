"""Events in the life of an episode."""

from dataclasses import dataclass
from enum import IntEnum

NO_EPISODE = "no episode is running"  # reason of a policy that sends no commands between episodes


class EpisodeEventKind(IntEnum):
    """The kind of an episode event. The values are those of zprl_msgs/EpisodeEvent."""

    STARTED = 0
    SUCCESS = 1
    FAILURE = 2
    TIMEOUT = 3
    DISCARDED = 4


@dataclass(frozen=True)
class EpisodeEvent:
    """An event of an episode, at the state stamped `stamp_ns`."""

    kind: EpisodeEventKind
    stamp_ns: int
    episode: int
    reward: float = 0.0  # reward of the last step
    steps: int = 0
    source: str = "automatic"
    reason: str = ""  # why the episode was ended early; "" for success, failure and time limit
