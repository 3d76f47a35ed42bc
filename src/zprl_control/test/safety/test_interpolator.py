"""The way between two targets, by numbers worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zprl_control.safety.interpolator import (
    SLACK,
    STILL,
    Reach,
    Setpoint,
    SetpointInterpolator,
    bounded,
    rotation_between,
)
from zprl_core.target import Pose6, quaternion

HERE: Pose6 = (0.45, 0.0, 0.2, 0.0, 0.0, 0.0)
DOWN = (1.0, 0.0, 0.0, 0.0)


def beside(y: float, yaw: float = 0.0) -> Pose6:
    return (0.45, y, 0.2, 0.0, 0.0, yaw)


def test_it_stays_until_it_is_told_a_target_and_after_it_is_there() -> None:
    interpolator = SetpointInterpolator(HERE, 0.05)
    assert interpolator.at(7.0) == Setpoint(HERE, STILL)
    interpolator.towards(beside(0.012), 7.0)
    assert interpolator.at(7.07) == interpolator.at(100.0) == Setpoint(beside(0.012), STILL)


def test_halfway_it_is_in_the_middle_at_an_even_speed() -> None:
    interpolator = SetpointInterpolator(HERE, 0.05)
    interpolator.towards(beside(0.012, 0.06), 1.0)
    for now, part in ((1.0, 0.0), (1.03, 0.5), (1.0599, 0.998)):
        wanted = interpolator.at(now)
        assert wanted.pose == pytest.approx(beside(part * 0.012, part * 0.06), abs=1e-4)
        assert wanted.twist == pytest.approx((0.0, 0.2, 0.0, 0.0, 0.0, 1.0))


def test_the_same_target_again_changes_nothing() -> None:
    interpolator = SetpointInterpolator(HERE, 0.05)
    interpolator.towards(beside(0.012), 1.0)
    interpolator.towards(beside(0.012), 1.03)
    assert interpolator.at(1.07).pose == beside(0.012)


def test_targets_in_time_make_one_even_motion() -> None:
    """Also when every other one comes a little late."""
    interpolator, speeds = SetpointInterpolator(HERE, 0.05), []
    for k in range(40):
        interpolator.towards(beside(0.01 * (k + 1)), 0.05 * k + 0.004 * (k % 2))
        speeds += [interpolator.at(0.05 * k + s).twist[1] for s in (0.01, 0.03, 0.049)]
    assert np.mean(speeds[60:]) == pytest.approx(0.01 / 0.05, rel=0.02)
    assert min(speeds[60:]) > 0.18 and max(speeds[60:]) < 0.22


@given(st.lists(st.tuples(st.floats(-0.1, 0.1), st.floats(0.0, 0.2)), min_size=1, max_size=20))
def test_it_never_leaves_the_span_of_its_targets_nor_jumps(steps: list[tuple[float, float]]) -> None:
    interpolator, now, targets, last = SetpointInterpolator(HERE, 0.05), 0.0, [0.0], 0.0
    for y, wait in steps:
        targets.append(y)
        interpolator.towards(beside(y), now)
        assert interpolator.at(now).pose[1] == pytest.approx(last, abs=1e-12)
        for part in (0.3, 1.0):
            last = interpolator.at(now + part * wait).pose[1]
            assert min(targets) - 1e-9 <= last <= max(targets) + 1e-9
        now += wait


def test_a_clock_that_goes_back_does_not_throw_it() -> None:
    interpolator = SetpointInterpolator(HERE, 0.05)
    interpolator.towards(beside(0.012), 5.0)
    assert interpolator.at(1.0).pose == HERE


REACH = Reach(meters=0.03, radians=0.2, linear=6.0, angular=3.0)


def test_springs_that_are_not_stretched_are_told_what_is_wanted() -> None:
    wanted = Setpoint(beside(0.03, 0.1), (0.0, 0.1, 0.0, 0.0, 0.0, 0.5))
    told = bounded(wanted, beside(0.03, 0.1), REACH)
    assert told.pose == pytest.approx(wanted.pose) and told.twist == pytest.approx(wanted.twist)


def test_the_speed_fades_where_the_tool_is_held_back() -> None:
    wanted = Setpoint(beside(0.03, 0.1), (0.0, 0.2, 0.0, 0.0, 0.0, 1.0))
    # at rest 6 x 3 cm and 3 x 0.2 rad per second; halfway half of it
    assert bounded(wanted, wanted.pose, REACH).twist == pytest.approx((0.0, 0.18, 0.0, 0.0, 0.0, 0.6))
    assert bounded(wanted, beside(0.015, 0.0), REACH).twist == pytest.approx((0.0, 0.09, 0.0, 0.0, 0.0, 0.3))
    assert bounded(wanted, beside(0.0, -0.1), REACH).twist == pytest.approx(STILL)
    assert bounded(wanted, beside(-1.0, -2.0), REACH).twist == pytest.approx(STILL)


def test_a_target_that_is_far_is_told_at_the_reach_in_its_own_direction() -> None:
    told = bounded(Setpoint((0.75, 0.4, 0.2, 0.0, 0.0, 0.1)), HERE, REACH)  # 30 and 40 cm away
    assert told.pose == pytest.approx((0.45 + 0.018, 0.024, 0.2, 0.0, 0.0, 0.1))


@given(st.lists(st.floats(-0.1, 0.1), min_size=3, max_size=3), st.lists(st.floats(-0.5, 0.5), min_size=3, max_size=3))
def test_springs_and_feed_forward_never_pull_harder_than_springs_alone(away: list[float], speed: list[float]) -> None:
    """In units of the stiffness: a damper pulls by speed / REACH.linear."""
    x, y, z = np.add(HERE[:3], away).tolist()
    told = bounded(Setpoint((x, y, z, 0.0, 0.0, 0.0), (speed[0], speed[1], speed[2], 0.0, 0.0, 0.0)), HERE, REACH)
    pull = np.subtract(told.pose[:3], HERE[:3]) + np.array(told.twist[:3]) / REACH.linear
    assert np.linalg.norm(pull) <= REACH.meters + 1e-9


def test_a_glide_outlasts_its_period() -> None:
    assert 1.0 < SLACK < 1.5


@pytest.mark.parametrize("yaw", [1e-12, 1e-4, 1.0, 3.0, -3.0])
def test_a_rotation_is_axis_times_angle_the_short_way(yaw: float) -> None:
    end = quaternion((0.0, 0.0, 0.0, 0.0, 0.0, yaw))
    assert rotation_between(DOWN, end) == pytest.approx([0.0, 0.0, yaw], rel=1e-9, abs=1e-15)
    other = (-end[0], -end[1], -end[2], -end[3])  # the same orientation
    assert rotation_between(DOWN, other) == pytest.approx([0.0, 0.0, yaw], rel=1e-9, abs=1e-15)


def test_a_rotation_brings_the_one_orientation_to_the_other() -> None:
    start, end = quaternion((0, 0, 0, 0.2, -0.3, 1.5)), quaternion((0, 0, 0, -0.1, 0.4, -0.7))
    turn = rotation_between(start, end)
    angle = float(np.linalg.norm(turn))
    (x, y, z), w = turn / angle * math.sin(angle / 2), math.cos(angle / 2)
    a, b, c, d = start
    product = (
        w * a + x * d + y * c - z * b,
        w * b - x * c + y * d + z * a,
        w * c + x * b - y * a + z * d,
        w * d - x * a - y * b - z * c,
    )
    assert abs(np.dot(product, end)) == pytest.approx(1.0)
