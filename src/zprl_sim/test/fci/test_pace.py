"""An arm that keeps real time is told from one that a busy machine slows."""

import pytest

from zprl_sim.fci.pace import Pace


def played(arm_seconds: list[float]) -> Pace:
    pace, arm_s = Pace(), 0.0
    pace.step(0.0, 0.0)
    for k, step in enumerate(arm_seconds):
        arm_s += step
        pace.step(0.05 * (k + 1), arm_s)
    return pace


def test_an_arm_in_real_time_has_no_trouble() -> None:
    pace = played([0.05, 0.048, 0.052] * 100)
    assert (pace.uneven, pace.trouble) == (0, "")
    assert pace.speed == pytest.approx(1.0, abs=0.01)


def test_a_slow_arm_is_reported_with_the_remedy() -> None:
    pace = played([0.04] * 400)
    assert pace.uneven == 400
    assert pace.speed == pytest.approx(0.8, abs=0.01)
    assert "80 % of real time" in pace.trouble and "end other programs" in pace.trouble


def test_a_step_that_is_caught_up_counts_although_the_mean_is_right() -> None:
    pace = played([0.035, 0.065] * 100)
    assert pace.uneven == 200 and pace.trouble == ""
    assert pace.summary.startswith("200 of 200 control steps were uneven")


def test_two_readings_at_one_time_are_no_step() -> None:
    pace = Pace()
    pace.step(1.0, 1.0)
    pace.step(1.0, 1.1)
    assert (pace.uneven, pace.speed) == (0, 1.0)
