"""The quick state sends the bytes of franky-sim's own."""

from dataclasses import fields

import numpy as np
import pytest

pytest.importorskip("franky_sim", reason="franky-sim is not installed")

from franky_sim.franka_robot_protocol import RobotMode
from franky_sim.franka_robot_state import FrankaRobotState

from zprl_sim.fci.quick_state import QuickState


def filled() -> FrankaRobotState:
    """A state in which no two numbers are equal."""
    count = iter(range(1, 1000))
    values = {
        f.name: tuple(float(next(count)) for _ in getattr(FrankaRobotState(), f.name))
        for f in fields(FrankaRobotState)
        if isinstance(getattr(FrankaRobotState(), f.name), tuple) and "error" not in f.name and "reason" not in f.name
    }
    errors, reasons = (tuple(bool(x) for x in np.random.default_rng(k).integers(0, 2, 41)) for k in (0, 1))
    return FrankaRobotState(**values, errors=errors, reflex_reason=reasons, m_ee=0.5, m_load=0.25)


def test_the_bytes_are_the_same() -> None:
    state = filled()
    assert QuickState.of(state).pack_state() == state.pack_state()
    assert QuickState.of(FrankaRobotState()).pack_state() == FrankaRobotState().pack_state()


def test_a_changed_copy_leaves_the_original() -> None:
    state = QuickState.of(filled())
    changed = state.replace(robot_mode=RobotMode.kMove, q=(0.5,) * 7)
    expected = filled().replace(robot_mode=RobotMode.kMove, q=(0.5,) * 7)
    assert changed.pack_state() == expected.pack_state() != state.pack_state()
    assert state.pack_state() == filled().pack_state()
