"""Tracks which transitions of each journal are stored: detects duplicates, and knows what to acknowledge.

A journal's transitions are stored in order and without gaps, so one number per journal is enough: everything below it
is stored. A transition that arrives early is dropped, and the journal sends it again.
"""

from enum import Enum
from typing import NamedTuple

from zprl_core.id_bounds import MOST_AHEAD

MAX_JOURNALS = 4096  # bounds memory against invented journals


class Source(NamedTuple):
    """A journal of a robot. A robot whose disk was lost starts another one."""

    robot: str
    journal: int


class Receipt(Enum):
    """The decision about a transition."""

    NEW = "new"
    DUPLICATE = "duplicate"
    EARLY = "early"  # an earlier one is missing
    UNKNOWN = "unknown"  # its journal was not announced


class SequenceTracker:
    """The next expected number of each journal."""

    def __init__(self) -> None:
        self._next: dict[Source, int] = {}
        self.missing = 0  # transitions that a journal deleted as acknowledged, but that are not stored here

    def copy(self) -> "SequenceTracker":
        """Return a tracker that changes without this one."""
        other = SequenceTracker()
        other._next, other.missing = self._next.copy(), self.missing
        return other

    @property
    def sources(self) -> tuple[Source, ...]:
        """The known journals."""
        return tuple(self._next)

    def next(self, source: Source) -> int:
        """The number below which everything is stored; 0 for an unknown journal."""
        return self._next.get(source, 0)

    def introduce(self, source: Source, first: int) -> None:
        """Register a journal that holds everything from `first` on.

        Raises ValueError for too many journals, or an implausible `first`.
        """
        if first - self.next(source) > MOST_AHEAD:
            raise ValueError(
                f"journal of {source.robot!r} refused: it starts at {first}, expected {self.next(source)}; "
                "find the node that sends this status"
            )
        if source not in self._next and len(self._next) >= MAX_JOURNALS:
            raise ValueError(f"journal of {source.robot!r} refused: this run has {MAX_JOURNALS} journals already")
        self._skip(source, first)

    def classify(self, source: Source, sequence: int) -> Receipt:
        """Decide about a transition, without a change."""
        expected = self._next.get(source)
        if expected is None:
            return Receipt.UNKNOWN
        if sequence < expected:
            return Receipt.DUPLICATE
        return Receipt.NEW if sequence == expected else Receipt.EARLY

    def mark_stored(self, source: Source, sequence: int) -> None:
        """Mark a transition as stored on disk."""
        self._skip(source, sequence)
        self._next[source] = max(sequence + 1, self.next(source))

    def _skip(self, source: Source, first: int) -> None:
        """Count what lies before `first` and is not stored: it is in another record."""
        self.missing += max(0, first - self.next(source))
        self._next[source] = max(first, self.next(source))
