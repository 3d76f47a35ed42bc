"""The guards, one by one and as a chain; the mode machine; the lease."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adversary import Adversary, Excess
from zprl_control.safety import checks
from zprl_control.safety.checks import Freshness, Refused
from zprl_control.safety.command_arbiter import CommandArbiter, Priority
from zprl_control.safety.guard import Guard, SafeCommand
from zprl_control.safety.limits import Limits
from zprl_control.safety.trajectory_generator import TrajectoryGenerator
from zprl_control.safety.twist import ahead, angle_rates
from zprl_core import rotation
from zprl_core.arm_mode import TABLE, ArmEvent, ArmMode, IllegalTransition, next_mode
from zprl_core.config.metadata import describe
from zprl_core.target import Pose6, Target, pose_from, quaternion

LIMITS = Limits()
HERE: Pose6 = (0.45, 0.0, 0.2, 0.0, 0.0, 0.0)
PERIOD_S = 0.05


def moved(**by: float) -> Pose6:
    names = ("x", "y", "z", "roll", "pitch", "yaw")
    x, y, z, roll, pitch, yaw = (value + by.get(name, 0.0) for name, value in zip(names, HERE, strict=True))
    return x, y, z, roll, pitch, yaw


@given(st.tuples(*[st.floats(-3.1, 3.1), st.floats(-1.5, 1.5), st.floats(-3.1, 3.1)]))
def test_angles_come_back_from_a_quaternion(angles: tuple[float, float, float]) -> None:
    back = pose_from((0.1, 0.2, 0.3), quaternion((0.1, 0.2, 0.3, *angles)))
    assert back[:3] == (0.1, 0.2, 0.3)
    assert all(abs(math.remainder(a - b, math.tau)) < 1e-6 for a, b in zip(back[3:], angles, strict=True))


def test_a_hand_that_points_down_has_no_roll_and_no_pitch() -> None:
    assert quaternion((0, 0, 0, 0, 0, 0)) == pytest.approx((1, 0, 0, 0))
    with pytest.raises(ValueError, match="length 0"):
        pose_from((0, 0, 0), (0, 0, 0, 0))


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


def test_the_first_target_is_where_the_tool_is() -> None:
    guard = Guard(LIMITS, PERIOD_S, Target(HERE, 0.04))
    assert guard.hold() == Target(HERE, 0.04)
    Guard(LIMITS, PERIOD_S, Target(moved(z=0.225), 0.04))  # springs swing so far
    with pytest.raises(Refused, match="guide the tool inside"):
        Guard(LIMITS, PERIOD_S, Target(moved(z=0.5), 0.04))


def test_the_motion_gets_there_and_stops() -> None:
    generator = TrajectoryGenerator(LIMITS.tool_bounds, PERIOD_S, HERE)
    goal = moved(x=0.1, yaw=0.5)
    poses = [generator.towards(goal) for _ in range(40)]
    assert poses[-1] == pytest.approx(goal) and poses[0][0] < HERE[0] + 0.02
    assert generator.velocity == pytest.approx((0.0,) * 6, abs=1e-9)


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


LEGAL = {
    ArmMode.DISCONNECTED: "CONNECTED ESTOP LOST",
    ArmMode.IDLE: "ENABLE STOP FAULT LOST ESTOP",
    ArmMode.STREAM: "FOLLOW SILENCE HOLD STOP FAULT LOST ESTOP",
    ArmMode.RESET: "ARRIVED HOLD STOP FAULT LOST ESTOP",
    ArmMode.HOLD: "FOLLOW SILENCE ENABLE RESET HOLD STOP FAULT LOST ESTOP",
    ArmMode.FAULT: "RECOVER FAULT LOST CONNECTED ESTOP",
    ArmMode.ESTOP: "RELEASE LOST CONNECTED ESTOP",
}


@pytest.mark.parametrize("mode", ArmMode)
@pytest.mark.parametrize("event", ArmEvent)
def test_every_transition_is_legal_or_says_what_comes_first(mode: ArmMode, event: ArmEvent) -> None:
    if event.name in LEGAL[mode].split():
        next_mode(mode, event)
    else:
        with pytest.raises(IllegalTransition, match="first"):
            next_mode(mode, event)


def test_no_way_leads_from_a_stop_to_motion_without_a_person() -> None:
    """Only arming leads out of IDLE, only recovering out of FAULT, only releasing out of ESTOP."""
    moving = (ArmMode.STREAM, ArmMode.RESET, ArmMode.HOLD)
    for standing, key in ((ArmMode.IDLE, ArmEvent.ENABLE), (ArmMode.FAULT, None), (ArmMode.ESTOP, None)):
        ways = {event for (mode, event), to in TABLE.items() if mode == standing and to in moving}
        assert ways == ({key} if key else set())


def asked(arbiter: CommandArbiter) -> Callable[[str, Priority, float], bool]:
    return lambda source, priority, now: arbiter.acquire(source, priority, now) == ""


def test_one_writer_at_a_time() -> None:
    ask = asked(arbiter := CommandArbiter())
    assert ask("policy", Priority.POLICY, 0.0) and ask("policy", Priority.POLICY, 0.1)
    assert not ask("other policy", Priority.POLICY, 0.2) and arbiter.refused == 1
    refused = arbiter.acquire("other policy", Priority.POLICY, 0.3)
    assert refused == "other policy may not command the arm, because policy does"
    assert ask("other policy", Priority.POLICY, 0.7)  # the first one fell silent


def test_a_person_goes_before_a_policy_and_for_a_while_after() -> None:
    ask = asked(arbiter := CommandArbiter())
    assert ask("policy", Priority.POLICY, 0.0) and ask("spacemouse", Priority.PERSON, 0.01)
    assert not ask("policy", Priority.POLICY, 0.9) and arbiter.holder(0.9) == "spacemouse"
    assert ask("policy", Priority.POLICY, 1.1) and arbiter.holder(2.0) == ""


def test_a_person_whose_device_has_no_name_is_one_all_the_same() -> None:
    arbiter = CommandArbiter()
    assert not arbiter.person(0.0)
    assert arbiter.acquire("", Priority.PERSON, 0.0) == "" and arbiter.person(0.9) and not arbiter.person(1.1)


def test_a_policy_that_bears_a_persons_name_is_a_policy() -> None:
    arbiter = CommandArbiter()
    assert arbiter.acquire("teleop/keyboard", Priority.PERSON, 0.0) == ""
    assert "may not command" in arbiter.acquire("teleop/keyboard", Priority.POLICY, 0.1) and arbiter.person(0.1)


def test_a_twist_leads_one_period_and_the_braking_distance_ahead() -> None:
    """0.3 m/s for 0.05 s is 15 mm; braking from it, at 3 m/s^2 reached with 60 m/s^3, takes 0.15 s and 22.5 mm."""
    here: Pose6 = (0.4, 0.0, 0.2, 0.0, 0.0, 0.0)
    goal = ahead(here, (0.3, -0.3, 0.0, 0.0, 0.0, 9.0), 0.05, Limits())
    assert goal[:3] == pytest.approx((0.4375, -0.0375, 0.2))
    assert goal[5] == pytest.approx(2.0 * (0.05 + (2.0 / 12 + 12 / 240) / 2))  # cut to 2 rad/s


def test_a_twist_turns_about_the_bases_axes() -> None:
    """The hand turned by a quarter: about the base's x it pitches backwards, about its y it rolls."""
    assert angle_rates((0.4, 0.0, 0.2, 0.0, 0.0, math.pi / 2), (0, 0, 0, 1.0, 0.5, 0.2)) == pytest.approx(
        (0.5, -1.0, 0.2)
    )
    pose, w, dt = (0.4, 0.0, 0.2, 0.3, -0.4, 0.9), (0.2, -0.3, 0.5), 1e-6
    rates = angle_rates(pose, (0, 0, 0, *w))
    later = rotation.from_rpy(*(a + dt * r for a, r in zip(pose[3:], rates, strict=True)))
    turned = rotation.from_vector(np.multiply(w, dt)) @ rotation.from_rpy(*pose[3:])
    assert later == pytest.approx(turned, abs=1e-11)


def test_who_is_silent_for_too_long_is_named() -> None:
    assert checks.silence_reason("camera front", 0.5, 0.5) == ""
    silent = checks.silence_reason("camera front", 0.61, 0.5)
    assert silent == "camera front has been silent for 0.61 s, the limit is 0.5 s"
    assert "not been received yet" in checks.silence_reason("camera front", math.inf, 0.5)


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
