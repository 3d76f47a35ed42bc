"""Rows of states are used again, and new ones only when none is free."""

import numpy as np

from zprl.rl.state_store import StateStore

SIZES = {"e": 3, "mu": 2, "logvar": 2, "z": 1}


def states(count: int, value: float = 0.0) -> dict[str, np.ndarray]:
    return {name: np.full((count, size), value, np.float32) for name, size in SIZES.items()}


def test_rows_that_were_given_back_are_used_first() -> None:
    store = StateStore(10, SIZES)
    first = store.put(states(4, 1.0))
    store.give_back(first[[1, 3]])
    second = store.put(states(3, 2.0))
    assert sorted(second.tolist()) == [1, 3, 4] and store.used == 5
    assert store.columns["e"][:6, 0].tolist() == [1.0, 2.0, 1.0, 2.0, 2.0, 0.0]


def test_a_state_is_compared_bit_for_bit() -> None:
    store = StateStore(4, SIZES)
    rows = store.put(states(2))
    assert store.holds(rows, states(2)).all()
    other = states(2)
    other["z"][1] = -0.0
    assert store.holds(rows, other).tolist() == [True, False]


def test_none_are_put_and_given_back() -> None:
    store = StateStore(4, SIZES)
    store.give_back(store.put(states(0)))
    assert store.used == 0 and store.row_bytes == 32
