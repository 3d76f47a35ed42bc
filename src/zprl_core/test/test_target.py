"""Orientation as quaternion and as roll, pitch and yaw."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zprl_core.target import pose_from, quaternion


@given(st.tuples(*[st.floats(-3.1, 3.1), st.floats(-1.5, 1.5), st.floats(-3.1, 3.1)]))
def test_angles_come_back_from_a_quaternion(angles: tuple[float, float, float]) -> None:
    back = pose_from((0.1, 0.2, 0.3), quaternion((0.1, 0.2, 0.3, *angles)))
    assert back[:3] == (0.1, 0.2, 0.3)
    assert all(abs(math.remainder(a - b, math.tau)) < 1e-6 for a, b in zip(back[3:], angles, strict=True))


def test_a_hand_that_points_down_has_no_roll_and_no_pitch() -> None:
    assert quaternion((0, 0, 0, 0, 0, 0)) == pytest.approx((1, 0, 0, 0))
    with pytest.raises(ValueError, match="length 0"):
        pose_from((0, 0, 0), (0, 0, 0, 0))
