"""The guard in joint space: which joint, where it stops, and who may go on."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zprl_control.safety.guard import Guard
from zprl_control.safety.joint_checks import joint_limit_reason
from zprl_control.safety.joint_limit_monitor import JointLimitMonitor
from zprl_control.safety.limits import Limits
from zprl_core.config.flatten import flatten, unflatten
from zprl_core.config.validate import check_types
from zprl_core.target import Pose6, Target

LIMITS = replace(
    Limits(), joint_low=(-1.0,) * 7, joint_high=(1.0,) * 7, joint_margin=0.1, joint_ahead_s=0.5, joint_brake=2.0
)
STILL = (0.0,) * 7
HERE: Pose6 = (0.45, 0.0, 0.2, 0.0, 0.0, 0.0)


def with_joint(number: int, value: float) -> tuple[float, ...]:
    return tuple(value if i == number else 0.0 for i in range(1, 8))


@pytest.mark.parametrize("number", range(1, 8))
def test_a_joint_near_its_end_is_named_with_its_angle_and_its_end(number: int) -> None:
    assert joint_limit_reason(with_joint(number, 0.9), STILL, LIMITS) == ""
    assert joint_limit_reason(with_joint(number, 0.91), STILL, LIMITS) == (
        f"joint {number} is at 0.91 rad, near its limit at 1.00; reset the arm or move it back"
    )
    assert f"joint {number} is at -0.95 rad, near its limit at -1.00" in joint_limit_reason(
        with_joint(number, -0.95), STILL, LIMITS
    )


def test_a_fast_joint_is_stopped_before_it_is_there() -> None:
    """At 0.15 rad it has 0.75 rad to the margin: 1 rad/s makes 0.5 rad within 0.5 s, and 0.25 rad while it brakes."""
    at = with_joint(4, 0.15)
    assert joint_limit_reason(at, with_joint(4, 0.99), LIMITS) == ""
    assert joint_limit_reason(at, with_joint(4, 1.01), LIMITS) == (
        "joint 4 at 0.15 rad moved at 1.01 rad/s toward its limit at 1.00; reset the arm or move it back"
    )
    assert joint_limit_reason(at, with_joint(4, -1.2), LIMITS) == ""  # away from it, and far from the other one
    assert "at 1.30 rad/s toward its limit at -1.00" in joint_limit_reason(at, with_joint(4, -1.3), LIMITS)


@pytest.mark.parametrize("strange", [math.nan, math.inf, -math.inf])
def test_a_joint_that_is_no_number_is_no_permission(strange: float) -> None:
    assert "joint 3" in joint_limit_reason(with_joint(3, strange), STILL, LIMITS)
    assert "joint 3" in joint_limit_reason(STILL, with_joint(3, strange), LIMITS)


@pytest.mark.parametrize(
    ("joints", "velocities"), [((), ()), ((0.0,) * 6, (0.0,) * 6), (STILL, ()), ((0.0,) * 8, STILL)]
)
def test_an_arm_that_does_not_tell_its_joints_is_no_permission(
    joints: tuple[float, ...], velocities: tuple[float, ...]
) -> None:
    why = joint_limit_reason(joints, velocities, LIMITS)
    assert f"reports {len(joints)} joint angles and {len(velocities)} joint velocities, limits.joint_low has 7" in why


@given(st.tuples(*[st.floats()] * 7), st.tuples(*[st.floats()] * 7))
def test_it_is_quiet_only_where_every_joint_has_room_now_and_soon(
    joints: tuple[float, ...], velocities: tuple[float, ...]
) -> None:
    stands = [q + v * (0.5 + abs(v) / 4) for q, v in zip(joints, velocities, strict=True)]
    room = all(abs(q) <= 0.9 and abs(there) <= 0.9 for q, there in zip(joints, stands, strict=True))
    assert (joint_limit_reason(joints, velocities, LIMITS) == "") == room


def test_the_default_ends_are_those_of_the_fr3_and_its_home_has_room() -> None:
    limits = Limits()
    assert limits.joint_low == (-2.7437, -1.7837, -2.9007, -3.0421, -2.8065, 0.5445, -3.0159)
    assert limits.joint_high == (2.7437, 1.7837, 2.9007, -0.1518, 2.8065, 4.5169, 3.0159)
    assert joint_limit_reason((-0.1, -0.13, 0.101, -2.526, 0.019, 2.397, 0.771), STILL, limits) == ""


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"joint_low": (1.0,) * 7}, "joint 1 has no room between 1.0 and 1.0 rad"),
        ({"joint_high": (1.0,) * 6 + (math.nan,)}, "joint 7 has no room"),
        ({"joint_high": (1.0,) * 4 + (-0.81,) + (1.0,) * 2}, "joint 5 has no room between -1.0 and -0.81 rad"),
        ({"joint_margin": 1.0}, "joint_margin of 1.0 rad"),
        ({"joint_margin": 0.0}, "joint_margin is .*; it must lie within"),
        ({"joint_brake": 11.0}, r"joint_brake is 11; it must lie within \(0, 10\]"),
        ({"joint_high": (*[1.0] * 6, 7.0)}, "limits of joint 7 must lie within"),
        ({"joint_ahead_s": -1.0}, "joint_ahead_s is .*; it must lie within"),
        ({"joint_brake": 0.0}, "joint_brake is .*; it must lie within"),
        ({"joint_low": (-1.0,) * 6}, "joint_low and joint_high need an angle for each joint of the arm, got 6 and 7"),
        ({"joint_low": (), "joint_high": ()}, "got 0 and 0"),
    ],
)
def test_ends_that_make_no_sense_are_refused(wrong: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        replace(LIMITS, **wrong)  # type: ignore[arg-type]


def test_ends_are_parameters_like_any_other() -> None:
    flat = flatten(LIMITS)
    flat["joint_low"] = [-1, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0]  # as YAML and ROS give it
    check_types(Limits, flat)
    assert unflatten(Limits, flat) == LIMITS
    with pytest.raises(ValueError, match="joint_low must be a list"):
        check_types(Limits, flat | {"joint_low": -1.0})


def test_an_arm_may_have_six_joints() -> None:
    six = replace(LIMITS, joint_low=(-1.0,) * 6, joint_high=(1.0,) * 6)
    assert joint_limit_reason((0.0,) * 6, (0.0,) * 6, six) == ""
    assert "joint 6 is at 0.95 rad" in joint_limit_reason((0.0,) * 5 + (0.95,), (0.0,) * 6, six)
    assert "reports 7 joint angles" in joint_limit_reason(STILL, STILL, six)


def test_what_was_stopped_stays_so_until_a_person_moves_the_arm() -> None:
    ends = JointLimitMonitor(LIMITS)
    there: Pose6 = (0.5, *HERE[1:])  # type: ignore[assignment]
    assert ends.update(with_joint(2, 0.7), STILL, HERE) == "" and ends.rest is None
    why = ends.update(with_joint(2, 0.7), with_joint(2, 0.5), HERE)
    rest = Target(HERE, 0.0, with_joint(2, 0.7))
    assert "joint 2" in why and ends.rest == rest
    assert ends.update(with_joint(2, 0.8), STILL, there) == why and ends.rest == rest  # it stands, and had room
    ends.reset()
    assert ends.update(with_joint(2, 0.8), STILL, there) == "" and ends.rest is None


def test_a_command_in_joints_stops_at_the_margin_by_itself_and_is_stopped_past_half_of_it() -> None:
    """From 0.9 on a joint is near its limit at 1.0; in joints nobody minds until 0.95, nor how fast it comes."""
    ends = JointLimitMonitor(LIMITS)
    assert ends.update(with_joint(2, 0.94), with_joint(2, 2.0), HERE, in_joints=True) == ""
    assert "joint 2 is at 0.96 rad" in ends.update(with_joint(2, 0.96), STILL, HERE, in_joints=True)
    assert "joint 2 is at 0.96 rad" in ends.update(STILL, STILL, HERE)  # until a person moves the arm


def test_a_hold_goes_back_to_where_the_tool_was_within_the_box() -> None:
    guard = Guard(LIMITS, 0.05, Target(HERE, 0.04))
    for _ in range(5):
        guard.follow(Target((0.6, *HERE[1:]), 0.04), HERE)  # type: ignore[arg-type]
    assert guard.at.pose[0] > 0.47
    for _ in range(20):
        guard.hold(Target(HERE, 0.0))
    assert guard.at.pose == pytest.approx(HERE, abs=1e-6)
    for _ in range(40):
        guard.hold(Target((0.9, *HERE[1:]), 0.0))  # type: ignore[arg-type]
    assert guard.at.pose[0] == pytest.approx(LIMITS.high[0])
    before = guard.at
    assert guard.hold(Target((math.nan,) * 6, 0.0)) == before  # type: ignore[arg-type]
