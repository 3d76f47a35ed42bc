"""Stamps that jump, and clocks that disagree. Stamps in ns, one state each 50 ms."""

import pytest

from episodes import HOUR, STEP, begun, running
from zprl_core.episode_event import EpisodeEventKind
from zprl_episodes.episode_manager import (
    STRANGE_S,
)


@pytest.mark.parametrize("automatic", [False, True])
@pytest.mark.parametrize("by_s", [-3600, 3600])
def test_a_clock_set_in_an_episode_discards_it_with_the_reason(automatic: bool, by_s: int) -> None:
    manager = begun(automatic)
    for k in range(2, 6):
        assert manager.state(HOUR + k * STEP, False, False, k if automatic else 0, 0.05 * k) is None
    event = manager.state(HOUR + 6 * STEP + by_s * 10**9, True, True, 6 if automatic else 0, 0.3)
    assert event is not None and (event.kind, event.stamp_ns) == (EpisodeEventKind.DISCARDED, HOUR + 5 * STEP)
    assert event.reason.startswith(
        f"the clock of the robot's states was set {'back' if by_s < 0 else 'forward'} by 3600.0"
    )
    assert not manager.running and manager.ended == 0
    assert manager.label(EpisodeEventKind.SUCCESS, "operator") is None  # no label in the future
    manager.reset_done(HOUR + 7 * STEP + by_s * 10**9, 0.35)  # and the next episode is one as any other
    assert manager.state(HOUR + 8 * STEP + by_s * 10**9, False, False, 1, 0.4) is None and manager.running


@pytest.mark.parametrize("automatic", [False, True])
def test_a_detector_whose_clock_is_ahead_does_not_time_the_episode_out(automatic: bool) -> None:
    manager = begun(automatic)
    event = manager.state(HOUR + 600 * 10**9, True, False, 1, 0.1)
    assert event is not None and event.kind == EpisodeEventKind.DISCARDED and "set forward by 600" in event.reason


@pytest.mark.parametrize("automatic", [False, True])
def test_a_detector_whose_clock_is_behind_is_said(automatic: bool) -> None:
    manager = begun(automatic)
    for k in range(1, 30):
        assert manager.state(HOUR - 600 * 10**9 + k * STEP, False, False, 0, 0.05 * k) is None
    event = manager.stalled(0.05 * 30)
    assert event is not None and event.kind == EpisodeEventKind.DISCARDED
    assert "the clocks of two computers disagree" in event.reason


def test_a_slow_detector_ends_nothing_by_its_late_states() -> None:
    """1.5 s of latency: its first states are of before the reset."""
    manager = begun(True)
    late_ns = 1_500_000_000
    for k in range(2, 60):
        step = max(0, k - 30)
        assert manager.state(HOUR + k * STEP - late_ns, False, False, step, 0.05 * k) is None
        if 0.05 * k < STRANGE_S:
            assert manager.stalled(0.05 * k) is None


def test_a_limit_counts_the_stamps_of_a_simulation_of_any_speed() -> None:
    manager = running(time_limit_s=10.0)
    ends = [manager.state(STEP + k * STEP, False, False, k, 0.001 * k) for k in range(1, 201)]
    assert ends[:-1] == [None] * 199 and ends[-1] is not None and ends[-1].kind == EpisodeEventKind.TIMEOUT


def test_one_late_state_of_before_the_reset_ends_nothing() -> None:
    manager = running()
    manager.state(STEP - 1, False, False, 40, 0.1)
    manager.state(2 * STEP, False, False, 1, 0.2)
    assert manager.stalled(0.2 + 2 * STRANGE_S) is None
