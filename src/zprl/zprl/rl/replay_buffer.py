"""A ring buffer of transitions as flat arrays: embeddings, never images.

The state in which a chunk ends is the one in which the robot's next chunk starts. It is held once: the later of the two
transitions takes over the row of the earlier one, where they are equal bit for bit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from zprl.rl.state_store import STATE, Rows, StateStore
from zprl.rl.transition import Transition

STREAM = "journal"  # column with the same number for the transitions of one robot
Columns = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Batch:
    """A batch of B transitions. Shapes: e (B, E), z and u (B, U), the rest (B,)."""

    e: Tensor
    z: Tensor
    u: Tensor
    reward: Tensor
    steps: Tensor
    terminated: Tensor
    truncated: Tensor
    next_e: Tensor
    next_z: Tensor


FIELDS = tuple(f.name for f in fields(Batch))


def zeros(batch: int, embedding_dim: int, residual_dim: int) -> Batch:
    """Returns a batch of zeros."""
    sizes = {"e": embedding_dim, "z": residual_dim, "u": residual_dim, "next_e": embedding_dim, "next_z": residual_dim}
    return Batch(**{name: torch.zeros((batch, sizes[name]) if name in sizes else batch) for name in FIELDS})


class ReplayBuffer:
    """Holds the last `capacity` transitions of sizes E, Z and U."""

    def __init__(self, capacity: int, embedding_dim: int, latent_dim: int, residual_dim: int):
        self.capacity = capacity
        state = {"e": embedding_dim, "mu": latent_dim, "logvar": latent_dim, "z": residual_dim}
        own = {"u": residual_dim, "reward": 0, "steps": 0, "terminated": 0, "truncated": 0}
        self.sizes = {**state, **{f"next_{name}": size for name, size in state.items()}, **own}
        self.added = 0
        self._states = StateStore(2 * capacity, state)
        self._own = {name: _column(capacity, size) for name, size in own.items()}
        self._first: Rows = np.zeros(capacity, dtype=np.intp)  # rows of the states, in the place of the transition
        self._next: Rows = np.zeros(capacity, dtype=np.intp)
        self._taken = np.zeros(capacity, dtype=bool)  # a later transition has taken over the row of the next state
        self._newest: dict[int, int] = {}  # by stream: number of its newest transition, counted by `added`

    def __len__(self) -> int:
        return min(self.added, self.capacity)

    @property
    def nbytes(self) -> int:
        """Memory occupied by the stored transitions [bytes]."""
        columns: list[npt.NDArray[Any]] = [*self._own.values(), self._first, self._next, self._taken]
        return self._states.used * self._states.row_bytes + sum(column[: len(self)].nbytes for column in columns)

    def add(self, t: Transition, stream: int = 0) -> None:
        """Stores one transition of a stream. Raises ValueError, and stores nothing, when a size does not fit."""
        row = {
            **vars(t.state), "u": t.u, **{f"next_{k}": v for k, v in vars(t.next_state).items()},
            "reward": t.reward, "steps": t.steps, "terminated": t.terminated, "truncated": t.truncated, STREAM: stream,
        }  # fmt: skip
        self.extend({name: np.asarray(row[name])[None] for name in (*self.sizes, STREAM)})

    def extend(self, rows: Columns) -> None:
        """Stores N transitions, oldest first, given by the columns in `sizes`: (N, size), or (N,) where size is 0.

        The column `journal` (N,) has the same number for the transitions of one robot, of which neighbors may share a
        state. Raises ValueError, and stores nothing, when a size does not fit.
        """
        count = len(rows["e"])
        for name, size in self.sizes.items():
            shape = np.shape(rows[name])
            if shape != ((count, size) if size else (count,)):
                raise ValueError(f"a transition has {name} of shape {shape[1:]}, but the replay buffer needs ({size},)")
        kept = min(count, self.capacity)
        if kept:
            self._put({name: x[count - kept :] for name, x in rows.items()}, self.added + count - kept)
        self.added += count

    def rows(self, index: Rows, names: tuple[str, ...]) -> dict[str, npt.NDArray[np.float32]]:
        """Columns of the transitions at places of the ring: transition k is at k % capacity."""
        return {name: self._column(name, index) for name in names}

    def sample(self, batch: int, rng: np.random.Generator) -> Batch:
        """Samples `batch` transitions uniformly with replacement."""
        index = rng.integers(0, len(self), batch)
        return Batch(**{name: torch.from_numpy(x) for name, x in self.rows(index, FIELDS).items()})

    def _column(self, name: str, index: Rows) -> npt.NDArray[np.float32]:
        if name in self._own:
            return self._own[name][index]
        rows = self._next if name.startswith("next_") else self._first
        return self._states.columns[name.removeprefix("next_")][rows[index]]

    def _put(self, rows: Columns, number: int) -> None:
        """Stores at most `capacity` transitions, the first of which has this number, counted by `added`."""
        count = len(rows["e"])
        oldest = max(0, number + count - self.capacity)  # number of the oldest transition afterwards
        self._drop(oldest)
        next_rows = self._states.put({name: rows[f"next_{name}"] for name in STATE})
        before = self._before(rows[STREAM], number)
        known = before >= oldest
        ends = np.where(before >= number, next_rows[np.maximum(before - number, 0)], self._next[before % self.capacity])
        shared = known.copy()
        shared[known] = self._states.holds(ends[known], {name: rows[name][known] for name in STATE})
        first_rows = ends
        first_rows[~shared] = self._states.put({name: rows[name][~shared] for name in STATE})
        places = np.arange(number, number + count) % self.capacity
        self._first[places], self._next[places], self._taken[places] = first_rows, next_rows, False
        self._taken[before[shared] % self.capacity] = True
        for name, column in self._own.items():
            column[places] = rows[name]

    def _drop(self, oldest: int) -> None:
        """Frees the states of the transitions before this number. A state is that of the later of its transitions."""
        gone = np.arange(max(0, self.added - self.capacity), min(oldest, self.added)) % self.capacity
        self._states.give_back(self._first[gone])
        self._states.give_back(self._next[gone[~self._taken[gone]]])

    def _before(self, streams: npt.NDArray[Any], number: int) -> Rows:
        """Number of the transition before each one in its stream; -1 without one."""
        before: Rows = np.full(len(streams), -1, dtype=np.intp)
        for stream in np.unique(streams).tolist():
            at = np.flatnonzero(streams == stream)
            before[at] = [self._newest.get(stream, -1), *(number + at[:-1])]
            self._newest[stream] = number + int(at[-1])
        return before


def _column(rows: int, size: int) -> npt.NDArray[np.float32]:
    return np.zeros((rows, size) if size else rows, dtype=np.float32)
