"""What has been stored of each journal: new transitions from duplicates, and what may be acknowledged.

A journal's transitions are taken in the order of their numbers, without gaps. So one number for each journal says
all: everything below it is stored. What comes too early is left to the journal to send again.
"""

from enum import Enum
from typing import NamedTuple

from zprl_core.id_bounds import MOST_AHEAD

MAX_JOURNALS = 4096  # a network that invents journals must not fill the memory


class Source(NamedTuple):
    """A journal of a robot. A robot whose disk was lost begins another one."""

    robot: str
    journal: int


class Receipt(Enum):
    """What to do with a transition."""

    NEW = "new"
    DUPLICATE = "duplicate"
    EARLY = "early"  # one before it is missing
    UNKNOWN = "unknown"  # a journal that has not introduced itself


class SequenceTracker:
    """The next number that is expected of each journal."""

    def __init__(self) -> None:
        self._next: dict[Source, int] = {}
        self.missing = 0  # numbers that a journal had forgotten, as acknowledged, and that are not stored here

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every journal that is known."""
        return tuple(self._next)

    def next(self, source: Source) -> int:
        """Everything below is stored. 0 for a journal that is not known."""
        return self._next.get(source, 0)

    def introduce(self, source: Source, first: int) -> None:
        """A journal says that it still holds everything from `first` on.

        Raises ValueError when there are too many journals, or `first` is too far ahead to be true.
        """
        if first - self.next(source) > MOST_AHEAD:
            raise ValueError(
                f"journal of {source.robot!r} refused: it begins at {first}, {self.next(source)} was expected; "
                "see which node sends such a status"
            )
        if source not in self._next:
            if len(self._next) >= MAX_JOURNALS:
                raise ValueError(f"journal of {source.robot!r} refused: this run has {MAX_JOURNALS} journals already")
            # An old journal in a new record: what it was told to forget is another record's.
            self._next[source] = first
        elif first > self._next[source]:
            self.missing += first - self._next[source]
            self._next[source] = first

    def classify(self, source: Source, sequence: int) -> Receipt:
        """What to do with this transition; changes nothing."""
        expected = self._next.get(source)
        if expected is None:
            return Receipt.UNKNOWN
        if sequence < expected:
            return Receipt.DUPLICATE
        return Receipt.NEW if sequence == expected else Receipt.EARLY

    def mark_stored(self, source: Source, sequence: int) -> None:
        """This transition is on the disk."""
        self._next[source] = max(sequence + 1, self._next.get(source, 0))
