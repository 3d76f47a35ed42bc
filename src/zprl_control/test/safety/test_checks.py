"""The guards, one by one."""

import math

import pytest

from fake_arm import HERE, moved
from zprl_control.safety import checks
from zprl_control.safety.checks import Freshness, Refused
from zprl_control.safety.limits import Limits
from zprl_core.target import Target

LIMITS = Limits()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused(value: float) -> None:
    for target in (Target(moved(x=value), 0.04), Target(HERE, value)):
        with pytest.raises(Refused, match="not finite"):
            checks.check_finite(target)


def test_a_far_target_is_refused_and_a_near_one_is_not() -> None:
    checks.check_distance(moved(y=0.24), HERE, LIMITS)
    with pytest.raises(Refused, match=r"y 0.260 is 0.260 m from the tool, the limit is 0.25"):
        checks.check_distance(moved(y=0.26), HERE, LIMITS)
    with pytest.raises(Refused, match="yaw"):
        checks.check_distance(moved(yaw=1.6), HERE, LIMITS)


def test_a_goal_leads_the_tool_by_the_error_clip_at_most() -> None:
    assert checks.clip_lead(moved(x=0.05), HERE, LIMITS) == (moved(x=0.05), "")
    pose, reason = checks.clip_lead(moved(x=0.1, yaw=-1.0), HERE, LIMITS)
    assert pose == moved(x=0.06, yaw=-0.4) and reason == "x, yaw too far ahead of the tool"


def test_angles_are_taken_the_short_way_round() -> None:
    """From 3.1 rad on, -3.1 is 0.083 rad farther: 3.183."""
    assert checks.unwrapped(moved(yaw=-3.1, roll=3.1), moved(yaw=3.1, roll=-3.1))[3:] == pytest.approx(
        (3.1 - math.tau, 0.0, math.tau - 3.1)
    )
    assert checks.unwrapped(moved(x=7.0, pitch=0.3), HERE) == moved(x=7.0, pitch=0.3)
    strange = (0.0, 0.0, 0.0, math.nan, 1e300, -math.inf)
    assert checks.unwrapped(strange, HERE)[4:] == strange[4:]


def test_a_goal_stays_in_the_box() -> None:
    assert checks.clip_workspace(HERE, LIMITS) == (HERE, "")
    pose, reason = checks.clip_workspace((0.9, 0.0, -0.1, 0.5, 0.0, 0.0), LIMITS)
    assert pose == (0.66, 0.0, 0.012, 0.2, 0.0, 0.0) and reason == "x, z, roll outside the workspace"


@pytest.mark.parametrize(("requested", "allowed"), [(-0.1, 0.0), (0.05, 0.05), (0.2, 0.08)])
def test_the_gripper_opens_as_far_as_it_can(requested: float, allowed: float) -> None:
    width, reason = checks.clip_width(requested, LIMITS)
    assert width == allowed and (reason == "") == (requested == allowed)


def test_a_push_stops_the_arm() -> None:
    assert checks.contact_reason((10.0, 10.0, 10.0, 1.0, 1.0, 1.0), LIMITS) == ""
    pushed = checks.contact_reason((40.1, 0, 0, 0, 0, 0), LIMITS)
    assert pushed == "the external force at the tool is 40.1 N, the limit is 40 N"
    assert "torque at the tool is 8.1 N m" in checks.contact_reason((0, 0, 0, 0, 0, 8.1), LIMITS)
    assert checks.contact_reason((math.nan, 0, 0, 0, 0, 0), LIMITS) != ""  # a sensor that says nothing is no permission


def test_silence_holds_and_then_faults() -> None:
    assert checks.freshness(0.2, LIMITS) == Freshness.FRESH
    assert checks.freshness(0.21, LIMITS) == Freshness.HOLD
    assert checks.freshness(1.01, LIMITS) == Freshness.FAULT


def test_who_is_silent_for_too_long_is_named() -> None:
    assert checks.silence_reason("camera front", 0.5, 0.5) == ""
    silent = checks.silence_reason("camera front", 0.61, 0.5)
    assert silent == "camera front has been silent for 0.61 s, the limit is 0.5 s"
    assert "not been received yet" in checks.silence_reason("camera front", math.inf, 0.5)
