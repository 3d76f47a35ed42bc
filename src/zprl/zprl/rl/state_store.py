"""Rows of latent states, taken and given back: the memory of a replay buffer."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.intp]
STATE = ("e", "mu", "logvar", "z")  # names in a transition's state; those of its next state have the prefix next_


class StateStore:
    """Holds at most `capacity` states of the given sizes.

    Free rows are used again before new ones, so memory that no state has ever needed is reserved but not occupied.
    """

    def __init__(self, capacity: int, sizes: Mapping[str, int]):
        self.columns = {name: np.zeros((capacity, sizes[name]), dtype=np.float32) for name in STATE}
        self.used = 0  # rows that have ever held a state; the operating system provides no memory for the others
        self._free: Rows = np.zeros(capacity, dtype=np.intp)
        self._freed = 0

    @property
    def row_bytes(self) -> int:
        """Size of a state [bytes]."""
        return sum(column[:1].nbytes for column in self.columns.values())

    def put(self, states: Mapping[str, npt.NDArray[Any]]) -> Rows:
        """Store N states, given by columns (N, size). Returns their rows (N,)."""
        count = len(states["e"])
        again = min(count, self._freed)
        rows = np.empty(count, dtype=np.intp)
        rows[:again] = self._free[self._freed - again : self._freed]
        rows[again:] = np.arange(self.used, self.used + count - again)
        self._freed -= again
        self.used += count - again
        for name, column in self.columns.items():
            column[rows] = states[name]
        return rows

    def holds(self, rows: Rows, states: Mapping[str, npt.NDArray[Any]]) -> npt.NDArray[np.bool_]:
        """True (N,) where the state in a row is bit for bit the given one."""
        equal = np.ones(len(rows), dtype=bool)
        for name, column in self.columns.items():
            given = np.ascontiguousarray(states[name], dtype=np.float32)
            equal &= (column[rows].view(np.uint32) == given.view(np.uint32)).all(axis=1)
        return equal

    def give_back(self, rows: Rows) -> None:
        """Free rows for other states."""
        self._free[self._freed : self._freed + len(rows)] = rows
        self._freed += len(rows)
