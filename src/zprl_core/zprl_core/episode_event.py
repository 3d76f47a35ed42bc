"""What can happen to an episode."""

from enum import IntEnum


class News(IntEnum):
    """Numbers as in EpisodeEvent."""

    STARTED = 0
    SUCCESS = 1
    FAILURE = 2
    TIMEOUT = 3
    DISCARDED = 4
