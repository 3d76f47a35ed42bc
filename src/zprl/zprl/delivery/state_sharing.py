"""Stores the state between two chunks once: a stored message may leave out what the message before it already holds.

The state in which a chunk ends is, bit for bit, the one in which the robot's next chunk starts. So a message whose
e, mu, logvar and z are next_e, next_mu, next_logvar and next_z of the message before it (same run, robot and journal,
sequence - 1) is stored with these four arrays empty. next_* are never left out: a message needs at most one other one
to be complete, and that one is before it in the same file. Messages that are sent are always complete.
"""

from itertools import pairwise
from struct import Struct
from typing import NamedTuple

from zprl.delivery.transition_codec import NONE, STRINGS, Malformed, behind_names

ARRAYS, EXECUTED = 10, 5  # e, mu, logvar, z, u, executed, next_e, next_mu, next_logvar, next_z; then perhaps ages
SHARED = bytes(16)  # four empty arrays: an embedding has at least one number, so no complete message has these
FIRST_ARRAY = 32  # bytes from `journal` to `e`
FLAGS = 12  # bytes from `reward` to `executed`, which is aligned to four bytes


class _Parts(NamedTuple):
    """Positions of the states in a message. `stream`: the bytes of run, robot and journal."""

    stream: bytes
    sequence: int
    state: slice
    next_state: slice


class _Layout(NamedTuple):
    """Positions of the arrays in a message, counted from `journal`."""

    lengths: Struct  # reads the lengths of the arrays
    counts: tuple[int, ...]
    state: tuple[int, int]
    next_state: tuple[int, int]


def with_ages(data: bytes) -> bytes:
    """Return a message of an earlier release with empty ages at its end, as its type is now; others as they are."""
    starts, _, end = _arrays(data, behind_names(data))
    if len(starts) > ARRAYS or not 0 <= len(data) - end <= 3:
        return data
    return data[:end] + NONE


class StateSharing:
    """Shortens messages, or completes them, in the order in which they are stored in one place."""

    def __init__(self) -> None:
        self._ends: dict[bytes, tuple[int, bytes]] = {}  # by stream: sequence and next state of the newest message
        self._newest = (STRINGS, b"?")  # position of `journal` and stream of the newest message
        self._layouts: dict[int, _Layout] = {}  # by bytes from `journal` on

    def remember(self, data: bytes) -> None:
        """Go on after a message that is stored already."""
        self._begin(data)

    def shortened(self, data: bytes) -> bytes:
        """Leave out the state if the message before ended in it. Bytes that are no transition stay as they are."""
        parts, before = self._begin(data)
        if parts is None or before != (parts.sequence - 1, data[parts.state]):
            return data
        return data[: parts.state.start] + SHARED + data[parts.state.stop :]

    def restored(self, data: bytes) -> bytes:
        """Put the state back if it was left out. Raises Malformed if the message before is not there."""
        parts, before = self._begin(data)
        if parts is None or data[parts.state] != SHARED:
            return data
        if before is None or before[0] != parts.sequence - 1:
            raise Malformed(f"transition {parts.sequence} starts where the one before it ends, which is missing")
        return data[: parts.state.start] + before[1] + data[parts.state.stop :]

    def _begin(self, data: bytes) -> tuple[_Parts | None, tuple[int, bytes] | None]:
        """The parts of a message, and how the newest one of its stream ended, which it replaces."""
        parts = self._parts(data)
        if parts is None:
            return None, None
        before = self._ends.get(parts.stream)
        self._ends[parts.stream] = (parts.sequence, data[parts.next_state])
        return parts, before

    def _parts(self, data: bytes) -> _Parts | None:
        """Find the states; None if the bytes are not a transition."""
        journal, stream = self._newest
        if data[STRINGS : journal + 8] != stream:
            journal = behind_names(data)
            self._newest = journal, stream = journal, data[STRINGS : journal + 8]
        layout = self._layouts.get(len(data) - journal)  # messages of a run have one or two lengths
        if layout is None or layout.lengths.unpack_from(data, journal) != layout.counts:
            layout = _layout(data, journal)
            if layout is None:
                return None
            self._layouts[len(data) - journal] = layout
        first, end = layout.state
        last, whole = layout.next_state
        state, next_state = slice(journal + first, journal + end), slice(journal + last, journal + whole)
        sequence = int.from_bytes(data[journal + 8 : journal + 16], "little")
        return _Parts(stream, sequence, state, next_state)


def _arrays(data: bytes, journal: int) -> tuple[list[int], list[int], int]:
    """Follow the arrays by their lengths: starts, counted from `journal`, lengths, and the end of the last one."""
    starts: list[int] = []
    counts: list[int] = []
    at = journal + FIRST_ARRAY
    while len(starts) < ARRAYS or (len(starts) == ARRAYS and len(data) - at > 3):
        at += FLAGS if len(starts) == EXECUTED else 0
        counts.append(int.from_bytes(data[at : at + 4], "little"))
        starts.append(at - journal)
        at += 4 + 4 * counts[-1]
    return starts, counts, at


def _layout(data: bytes, journal: int) -> _Layout | None:
    """Find the arrays by their lengths; None if they do not fit."""
    starts, counts, at = _arrays(data, journal)
    if not 0 <= len(data) - at <= 3:  # padding at the end
        return None
    gaps = [b - a - 4 for a, b in pairwise(starts)]
    lengths = Struct(f"<{FIRST_ARRAY}xI" + "".join(f"{gap}xI" for gap in gaps))
    states_end = starts[ARRAYS] if len(starts) > ARRAYS else at - journal
    return _Layout(lengths, tuple(counts), (starts[0], starts[4]), (starts[6], states_end))
