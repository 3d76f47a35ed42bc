"""Whether the clock behind some stamps was set. A fake steady clock; seconds."""

import pytest

from zprl_core.streams.clock_jump import ClockJump, said

S = 1_000_000_000
HOUR = 3600.0


def fed(jump: ClockJump, *pairs: tuple[float, float]) -> list[float]:
    """What is found for each pair of stamp and arrival [s]."""
    return [jump.update(round(stamp * S), round(arrived * S)) for stamp, arrived in pairs]


@pytest.mark.parametrize("by", [-HOUR, -1.0, HOUR, 6.0])
def test_a_clock_that_is_set_is_found_once_with_its_amount(by: float) -> None:
    steady = [(1e6 + t, t) for t in (0.0, 0.05, 0.10)]
    after = [(1e6 + t + by, t) for t in (0.15, 0.20)]
    assert fed(ClockJump(), *steady, *after) == pytest.approx([0, 0, 0, by, 0])


def test_delays_and_stamps_out_of_order_are_no_jump() -> None:
    late = [(10.0, 0.0), (10.05, 5.0), (10.1, 5.0), (15.0, 5.01), (14.8, 5.02), (15.05, 5.06)]
    assert fed(ClockJump(), *late) == [0.0] * 6


@pytest.mark.parametrize("pace", [0.01, 1.0, 200.0])
def test_a_simulation_may_run_at_any_speed(pace: float) -> None:
    steps = [(100.0 + 0.05 * k, 0.05 * k / pace) for k in range(300)]
    assert fed(ClockJump(), *steps) == [0.0] * 300


def test_a_simulation_may_wait_and_go_on() -> None:
    slow = [(0.05 * k, 2.0 * k) for k in range(5)]
    fast = [(0.2 + 0.05 * k, 8.0 + 0.001 * k) for k in range(1, 100)]
    assert not any(fed(ClockJump(), *slow, *fast))


def test_a_jump_in_words() -> None:
    assert said(-3600.0) == "set back by 3600.0 s" and said(5.04) == "set forward by 5.0 s"
