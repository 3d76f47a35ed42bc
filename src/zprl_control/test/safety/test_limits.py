"""Limits have bounds of their own, and contradictory ones are refused."""

import math
from dataclasses import replace

import pytest

from zprl_control.safety.limits import Limits
from zprl_core.config.metadata import describe

LIMITS = Limits()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"low": (0.7, -0.3, 0.012, -0.2, -0.2, -2.8)}, "box of x is empty"),
        ({"speed_m": 0.0}, "speed_m is .*; it must lie within"),
        ({"jerk_rad": math.nan}, "jerk_rad is .*; it must lie within"),
        ({"fault_s": 0.2}, "hold_s must be below fault_s"),
        ({"speed_m": 1e5}, r"limits\.speed_m is 100000; it must lie within \(0, 2\]: greatest speed along each axis"),
        ({"hold_s": 1.01, "fault_s": 3.0}, r"limits\.hold_s is 1\.01; it must lie within \(0, 1\]"),
        ({"state_s": math.inf}, "state_s is inf; it must lie within"),
        ({"torque": 61.0}, r"torque is 61; it must lie within \(0, 60\]"),
        ({"low": (-1.6, -0.3, 0.012, -0.2, -0.2, -2.8)}, r"x, y and z must lie within -1\.5\.\.1\.5 m"),
        ({"high": (math.inf, 0.3, 0.42, 0.2, 0.2, 2.8)}, r"x, y and z must lie within -1\.5\.\.1\.5 m"),
        ({"low": (0.28, -0.3, math.nan, -0.2, -0.2, -2.8)}, "box of z is empty"),
        ({"far_m": 0.01}, "far_m"),
        ({"joint_far": 0.1}, "joint_far must not be below joint_error"),
        ({"joint_speed": 2.6}, r"limits\.joint_speed is 2\.6; it must lie within \(0, 2\.5\]"),
        ({"high": (0.66, 0.3, 0.42, 0.2, 0.2, 4.0)}, "yaw"),
    ],
)
def test_limits_that_make_no_sense_are_refused(wrong: dict[str, float], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        replace(LIMITS, **wrong)  # type: ignore[arg-type]


def test_every_number_has_a_bound() -> None:
    ranges = {name: found.range for name, found in describe(Limits).items() if isinstance(getattr(LIMITS, name), float)}
    assert all(ranges.values())
    replace(LIMITS, **{name: range_.high for name, range_ in ranges.items() if range_ and name != "joint_margin"})
