"""The guards as a chain, at every step of a motion."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adversary import Adversary, Excess
from fake_arm import HERE, PERIOD_S, moved
from zprl_control.safety import checks
from zprl_control.safety.checks import Refused
from zprl_control.safety.guard import Guard, SafeCommand
from zprl_control.safety.limits import Limits
from zprl_core.target import Target

LIMITS = Limits()
ROUND = replace(LIMITS, low=(*LIMITS.low[:3], -math.pi, -1.0, -math.pi), high=(*LIMITS.high[:3], math.pi, 1.0, math.pi))


@pytest.mark.parametrize("axis", ["roll", "yaw"])
def test_a_whole_turn_has_no_wall_and_goes_on_past_half_of_it(axis: str) -> None:
    index = {"roll": 3, "yaw": 5}[axis]
    guard, at, excess = Guard(ROUND, PERIOD_S, Target(moved(**{axis: 3.0}), 0.04)), 3.0, Excess(ROUND, PERIOD_S)
    excess.tool.begin(moved(**{axis: 3.0}))
    for k in range(1, 31):  # by 0.02 rad a step to 3.6 rad, which is reported and asked for as -2.68
        measured = moved(**{axis: math.remainder(at, math.tau)})
        told = guard.follow(Target(moved(**{axis: math.remainder(3.0 + 0.02 * k, math.tau)}), 0.04), measured)
        assert not told.clipped and abs(told.target.pose[index] - at) < 0.1
        at = told.target.pose[index]
    assert at > 3.5


def test_a_box_of_less_than_a_turn_is_not_left_the_other_way() -> None:
    """The box ends at 2.8 rad. Asked for -3.0, which is 3.283 from there, the tool stays at the wall."""
    guard, at = Guard(LIMITS, PERIOD_S, Target(moved(yaw=2.7), 0.04)), 2.7
    for _ in range(20):
        told = guard.follow(Target(moved(yaw=-3.0), 0.04), moved(yaw=at))
        at = told.target.pose[5]
    assert at == pytest.approx(2.8) and told.reasons == ("yaw too far ahead of the tool", "yaw outside the workspace")


@pytest.mark.parametrize("axis", range(6))
def test_every_guard_looks_at_rotation_as_at_translation(axis: int) -> None:
    """Far is refused; lead and box are clipped; speed bounds each step."""
    wide = replace(LIMITS, low=(0.2, -0.6, 0.0, -1.2, -1.2, -2.8), high=(1.2, 0.6, 0.9, 1.2, 1.2, 2.8))
    unit, name = ("m", "rad")[axis > 2], ("x", "y", "z", "roll", "pitch", "yaw")[axis]
    far, error, speed = (getattr(wide, f"{kind}_{unit}") for kind in ("far", "error", "speed"))
    told = Guard(wide, PERIOD_S, Target(HERE, 0.04)).follow(Target(moved(**{name: far * 1.01}), 0.04), HERE)
    assert told.refused and told.reasons[0].startswith(f"{name} ")
    guard = Guard(wide, PERIOD_S, Target(HERE, 0.04))
    told = guard.follow(Target(moved(**{name: error * 1.01}), 0.04), HERE)
    assert told.reasons == (f"{name} too far ahead of the tool",)
    at, fastest = HERE, 0.0
    for _ in range(60):
        told = guard.follow(Target(moved(**{name: at[axis] - HERE[axis] + far * 0.99}), 0.04), at)
        fastest = max(fastest, told.target.pose[axis] - at[axis])
        at = told.target.pose
    assert fastest == pytest.approx(speed * PERIOD_S, rel=1e-6) and at[axis] == pytest.approx(wide.high[axis])
    assert told.reasons[-1] == f"{name} outside the workspace"


def test_the_first_target_is_where_the_tool_is() -> None:
    guard = Guard(LIMITS, PERIOD_S, Target(HERE, 0.04))
    assert guard.hold() == Target(HERE, 0.04)
    Guard(LIMITS, PERIOD_S, Target(moved(z=0.225), 0.04))  # springs swing so far
    with pytest.raises(Refused, match="guide the tool inside"):
        Guard(LIMITS, PERIOD_S, Target(moved(z=0.5), 0.04))


def test_a_refused_command_brakes_within_the_limits_and_is_counted() -> None:
    guard, excess = Guard(LIMITS, PERIOD_S, Target(HERE, 0.04)), Excess(LIMITS, PERIOD_S)
    excess.begin(HERE)
    at = HERE
    for _ in range(5):
        told = guard.follow(Target(moved(x=0.2), 0.04), at)
        at = told.target.pose
        excess.see(told.target, at)
    for _ in range(10):
        told = guard.follow(Target(moved(x=math.nan), 0.04), at)
        assert told.refused and told.clipped
        excess.see(told.target, at)
    assert guard.counts["finite"] == 10 and excess.count == 0
    assert guard.hold() == guard.hold()  # it stands


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_nothing_gets_past_the_chain(seed: int) -> None:
    adversary, excess = Adversary(LIMITS, seed), Excess(LIMITS, PERIOD_S)
    measured = adversary.somewhere()
    guard = Guard(LIMITS, PERIOD_S, Target(measured, 0.04))
    excess.begin(measured)
    for _ in range(300):
        told = guard.follow(adversary.command(measured), measured, adversary.command_gain())
        excess.see(told.target, measured)
        measured = adversary.follows(measured, told.target)
    assert excess.count == 0, excess.worst


def test_the_ruler_can_tell() -> None:
    excess = Excess(LIMITS, PERIOD_S)
    excess.begin(HERE)
    for pose in (moved(x=0.03), moved(x=0.5), moved(x=math.nan)):
        excess.see(Target(pose, 0.04), HERE)
    assert excess.count == 3


def test_an_arm_that_lags_is_told_to_be_ahead() -> None:
    """Asked to be 1 cm farther, with a lead of 3 it is told 3 cm; and the error clip of 6 cm bounds that too."""
    assert checks.ahead_of(moved(x=0.01, yaw=-0.1), HERE, 3.0) == pytest.approx(moved(x=0.03, yaw=-0.3))
    guard = Guard(LIMITS, PERIOD_S, Target(HERE, 0.08))
    for _ in range(40):
        told = guard.follow(Target(moved(x=0.03), 0.08), HERE, command_gain=3.0)
    assert told.target.pose[0] == pytest.approx(HERE[0] + LIMITS.error_m) and "too far ahead" in told.reasons[0]


@pytest.mark.parametrize(
    ("wanted", "before", "told"),
    [
        (0.08, 0.0, 0.08),
        (0.062, 0.0, 0.08),  # clearly open
        (0.058, 0.0, 0.0),  # trembles: it stays as it was told
        (0.058, 0.08, 0.08),
        (0.022, 0.08, 0.08),
        (0.018, 0.08, 0.0),  # clearly closed
        (0.0, 0.08, 0.0),
        (0.04, 0.031, 0.031),  # what it held when the arm was armed it goes on holding
    ],
)
def test_a_binary_gripper_opens_or_closes_when_that_is_clearly_wanted(
    wanted: float, before: float, told: float
) -> None:
    assert checks.binarize_width(wanted, before, LIMITS) == told
    guard = Guard(LIMITS, PERIOD_S, Target(HERE, before), binary=True)
    assert guard.follow(Target(HERE, wanted), HERE) == SafeCommand(Target(HERE, told))
    assert Guard(LIMITS, PERIOD_S, Target(HERE, before)).follow(Target(HERE, wanted), HERE).target.width == wanted


def test_a_binary_gripper_opens_no_wider_than_it_may() -> None:
    narrow = replace(LIMITS, width=0.05)
    guard = Guard(narrow, PERIOD_S, Target(HERE, 0.0), binary=True)
    assert guard.follow(Target(HERE, 0.08), HERE).target.width == 0.05
    assert guard.follow(Target(HERE, 0.014), HERE).target.width == 0.05
    assert guard.follow(Target(HERE, 0.012), HERE).target.width == 0.0
