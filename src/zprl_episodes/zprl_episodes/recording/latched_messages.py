"""Keeps what late subscribers of latched topics get, for the start of every bag."""

from collections.abc import Iterator

from zprl_core import topic_names
from zprl_episodes.recording.bag_thread import Received

MOST = 1000  # messages kept of a topic with several publishers
SHARED = (topic_names.TF_STATIC,)  # topics with several latched publishers, each with a message of its own


class LatchedMessages:
    """The last message of each topic; of a shared one every message that differs from the others."""

    def __init__(self) -> None:
        self._topics: dict[str, dict[bytes, Received]] = {}

    def add_topic(self, topic: str) -> None:
        """Makes a latched topic known."""
        self._topics.setdefault(topic, {})

    def take(self, message: Received) -> None:
        """Keeps a message of a latched topic; ignores others."""
        kept = self._topics.get(message.topic)
        if kept is None:
            return
        if message.topic not in SHARED:
            kept.clear()
        kept.pop(message.data, None)  # the newest comes last
        kept[message.data] = message
        while len(kept) > MOST:
            del kept[next(iter(kept))]

    def __iter__(self) -> Iterator[Received]:
        """Yields the messages, those of a topic in the order of their reception."""
        for kept in self._topics.values():
            yield from kept.values()
