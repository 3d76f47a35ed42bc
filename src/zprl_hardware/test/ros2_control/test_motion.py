"""Setpoints between targets and on the way to the start."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zprl_hardware.ros2_control.motion import Interpolator, MinimumJerk


def test_a_target_is_reached_evenly_and_a_little_after_the_next_one_is_due() -> None:
    motion = Interpolator((0.0, 1.0), 0.05)
    motion.towards((0.06, 1.0), 10.0)
    assert [motion.at(10.0 + t)[0] for t in (0.0, 0.03, 0.06, 1.0)] == pytest.approx([0.0, 0.03, 0.06, 0.06])
    motion.towards((0.06, 1.0), 10.03)  # told again: nothing changes
    assert motion.at(10.06)[0] == pytest.approx(0.06)


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=30))
def test_no_value_is_faster_than_its_speed(targets: list[float]) -> None:
    motion, now, before = Interpolator((0.0,), 0.05, speed=1.0), 0.0, 0.0
    for target in targets:
        motion.towards((target,), now)
        for _ in range(5):
            now += 0.01
            (value,) = motion.at(now)
            assert abs(value - before) <= 0.01 + 1e-9
            before = value


def test_minimum_jerk_by_hand() -> None:
    motion = MinimumJerk((0.0, 0.0), (1.0, -0.5), (0.5, 0.5), 2.0)
    assert motion.lasts_s == pytest.approx(3.75)  # 1.875 x 1 rad / 0.5 rad/s
    assert motion.at(2.0) == (0.0, 0.0) and motion.at(2.0 + 1.875) == pytest.approx((0.5, -0.25))
    assert motion.at(9.0) == pytest.approx((1.0, -0.5)) and motion.over_s(6.0) == pytest.approx(0.25)
    speeds = [(motion.at(2.0 + t + 1e-5)[0] - motion.at(2.0 + t)[0]) / 1e-5 for t in (0.0, 1.875, 3.74)]
    assert speeds == pytest.approx([0.0, 0.5, 0.0], abs=1e-3)
