"""Commands in joints: the guards joint by joint, the workspace of the tool, and the change from tool to joints."""

import itertools
import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adversary import Adversary, Excess
from joint_arm import JointArm, solved
from zprl_control.safety import joint_checks
from zprl_control.safety.checks import Refused
from zprl_control.safety.guard import Guard, SafeCommand
from zprl_control.safety.limits import Limits
from zprl_core.arm_model import FR3
from zprl_core.target import Pose6, Target
from zprl_hardware.franka.kinematics import tool_at

HOME = FR3.home
TILTING = {"low": (0.28, -0.30, 0.012, -1.2, -1.2, -2.8), "high": (0.66, 0.30, 0.42, 1.2, 1.2, 2.8)}
LIMITS = replace(Limits(), **TILTING)  # type: ignore[arg-type]
PERIOD_S = 0.05
NOWHERE: Pose6 = (0.0,) * 6
Joints = tuple[float, ...]


def moved(by: dict[int, float], joints: Joints = HOME) -> Joints:
    return tuple(q + by.get(number, 0.0) for number, q in enumerate(joints, start=1))


def asked(joints: Joints) -> Target:
    return Target(NOWHERE, 0.04, joints)


def guard_of(arm: JointArm, limits: Limits = LIMITS, with_model: bool = True) -> Guard:
    here = Target(arm.state.pose, 0.04)
    return Guard(limits, PERIOD_S, here, tool_at=tool_at if with_model else None)


def follow(guard: Guard, arm: JointArm, target: Target) -> SafeCommand:
    told = guard.follow(target, arm.state.pose, joints=arm.joints)
    arm.set_target(told.target)
    return told


def test_the_first_joint_target_is_where_the_joints_are_and_the_motion_gets_there() -> None:
    """0.1 rad at up to 7.5 rad/s^2, reached with 150 rad/s^3, takes about 0.25 s."""
    arm = JointArm()
    guard, goal = guard_of(arm), moved({2: 0.1, 6: -0.1})
    told = follow(guard, arm, asked(goal))
    assert told.target.joints == pytest.approx(HOME, abs=150 * 0.05**3 / 6 + 1e-9) and not told.clipped
    for _ in range(10):
        told = follow(guard, arm, asked(goal))
    assert told.target.joints == pytest.approx(goal) and told.target.pose == pytest.approx(tool_at(goal))


def test_a_joint_leads_by_the_error_clip_at_most() -> None:
    goal, reason = joint_checks.clip_joint_lead(moved({3: 0.3, 5: -0.25}), HOME, LIMITS)
    assert goal == pytest.approx(moved({3: 0.2, 5: -0.2}))
    assert reason == "joint 3, 5 too far ahead of its measured angle"


def test_a_joint_stays_clear_of_its_end_by_the_margin() -> None:
    """Joint 4 ends at -3.0421 and -0.1518 rad, joint 7 at 3.0159; the margin is 0.1."""
    goal, reason = joint_checks.clip_joint_range((0.0, 0.0, 0.0, -3.0, 0.0, 2.0, 2.95), LIMITS)
    assert goal == pytest.approx((0.0, 0.0, 0.0, -2.9421, 0.0, 2.0, 2.9159))
    assert reason == "joint 4, 7 too close to its limit"


@pytest.mark.parametrize(
    ("joints", "guard", "why"),
    [
        (moved({4: 0.76}), "far", r"joint 4 at -1\.766 rad is 0\.760 rad from its measured angle, the limit is 0\.75"),
        (HOME[:6], "count", "the command is for 6 joints, but the arm has 7"),
        ((*HOME, 0.0), "count", "the command is for 8 joints"),
        (moved({1: math.nan}), "finite", "not finite"),
        (moved({1: math.inf}), "finite", "not finite"),
    ],
)
def test_a_command_in_joints_that_is_refused_brakes_and_is_counted(joints: Joints, guard: str, why: str) -> None:
    arm = JointArm()
    chain = guard_of(arm)
    for _ in range(3):
        follow(chain, arm, asked(moved({1: 0.2})))
    moving = arm.joints
    for _ in range(6):
        told = chain.follow(asked(joints), tool_at(HOME), joints=HOME)
        assert told.refused and re.search(why, told.reasons[0])
    assert chain.counts[guard] == 6 and chain.at == chain.hold()
    assert moving[0] < (chain.at.joints or ())[0] < moving[0] + 0.15  # it braked, and not at once


def test_an_arm_that_does_not_report_its_joints_follows_no_command_in_joints() -> None:
    chain = guard_of(JointArm())
    for joints in ((), HOME[:6], (*HOME[:6], math.nan)):
        told = chain.follow(asked(HOME), tool_at(HOME), joints=joints)
        assert told.refused and "a finite angle for each joint" in told.reasons[0] and told.target.joints is None
    assert chain.counts["count"] == 3


def test_an_arm_whose_tool_is_not_the_models_follows_no_command_in_joints() -> None:
    x, *rest = tool_at(HOME)
    told = guard_of(JointArm()).follow(asked(HOME), (x + 0.03, *rest), joints=HOME)  # type: ignore[arg-type]
    assert told.refused and "the tool's x is 0.480 m, but 0.450 by the kinematic model" in told.reasons[0]


def test_joints_stop_before_the_tool_leaves_the_workspace_and_may_come_back() -> None:
    """Joint 2 lowers the tool from 0.22 m; the box ends at 0.012 m."""
    arm, reasons = JointArm(), set()
    chain = guard_of(arm)
    for _ in range(80):
        reasons.update(follow(chain, arm, asked(moved({2: 0.05}, arm.joints))).reasons)
    lowest = arm.state.pose[2]
    assert LIMITS.low[2] <= lowest < LIMITS.low[2] + 0.01 and chain.counts["box"] > 10
    assert all(word.startswith("z would be 0.0") and "outside 0.012..0.42 m" in word for word in reasons), reasons
    for _ in range(20):
        follow(chain, arm, asked(moved({2: -0.05}, arm.joints)))
    assert arm.state.pose[2] > lowest + 0.1


def test_a_tool_that_would_tilt_out_of_its_box_is_stopped_too() -> None:
    """The default box lets the hand tilt by 0.2 rad; joint 6 pitches it."""
    arm = JointArm()
    chain = guard_of(arm, Limits())
    for _ in range(40):
        told = follow(chain, arm, asked(moved({6: 0.05}, arm.joints)))
    assert 0.18 < abs(arm.state.pose[4]) <= 0.2 and "pitch would be" in told.reasons[0]


def test_without_a_model_the_measured_tool_stops_the_joints_and_a_command_for_it_brings_it_back() -> None:
    arm = JointArm()
    chain = guard_of(arm, with_model=False)
    for _ in range(80):
        told = follow(chain, arm, asked(moved({2: 0.05}, arm.joints)))
    assert told.refused and "outside 0.012..0.42 m" in told.reasons[0]
    x, y, z, roll, pitch, yaw = arm.state.pose
    assert -0.1 < z < 0.002  # as far as it takes to brake
    told = follow(chain, arm, asked(moved({2: -0.05}, arm.joints)))
    assert told.refused
    for _ in range(60):
        told = follow(chain, arm, Target((x, y, min(0.2, arm.state.pose[2] + 0.02), roll, pitch, yaw), 0.04))
    assert arm.state.pose[2] > 0.1 and not told.clipped


def test_the_arm_comes_to_a_rest_between_tool_and_joints_and_goes_on_from_where_it_is() -> None:
    arm = JointArm(follows=0.6)
    chain, excess = guard_of(arm), Excess(LIMITS, PERIOD_S, tool_at)
    excess.begin(arm.state.pose)
    kinds, waits = [], 0
    for step in range(120):
        in_joints = (step // 20) % 2 == 1
        target = asked(moved({1: 0.05, 4: -0.02}, arm.joints))
        if not in_joints:
            x, *rest = arm.state.pose
            target = Target((x + 0.02, *rest), 0.04)  # type: ignore[arg-type]
        before = arm.state
        told = chain.follow(target, before.pose, joints=before.joints)
        if "is coming to rest" in " ".join(told.reasons):
            waits += 1
            assert told.reasons[0].endswith("joint commands" if in_joints else "tool commands")
        if kinds and kinds[-1] != (told.target.joints is not None):  # it has changed: no jump
            at, measured = (told.target.joints, before.joints) if in_joints else (told.target.pose, before.pose)
            assert at == pytest.approx(measured, abs=150 * PERIOD_S**3 / 6 + 1e-9)
        kinds.append(told.target.joints is not None)
        excess.see(told.target, before.pose, before.joints)
        arm.set_target(told.target)
    assert excess.count == 0, excess.worst
    assert 5 <= waits <= 5 * 6 and sum(a != b for a, b in itertools.pairwise(kinds)) == 5


def test_an_arm_that_lags_is_told_to_be_ahead_in_joints_too() -> None:
    chain = guard_of(JointArm())
    for _ in range(40):
        told = chain.follow(asked(moved({7: 0.05})), tool_at(HOME), 3.0, HOME)
    assert (told.target.joints or ())[6] == pytest.approx(HOME[6] + 0.15)


def test_a_hold_goes_back_to_where_the_joints_were() -> None:
    arm = JointArm()
    chain, rest = guard_of(arm), Target(NOWHERE, 0.0, HOME)
    for _ in range(5):
        follow(chain, arm, asked(moved({1: 0.2})))
    for _ in range(20):
        held = chain.hold(rest)
    assert held.joints == pytest.approx(HOME, abs=1e-6)
    assert chain.hold(Target(NOWHERE, 0.0, ())).joints == pytest.approx(HOME, abs=1e-6)  # it tells no joints


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_nothing_gets_past_the_chain_in_joints(seed: int, with_model: bool) -> None:
    adversary = Adversary(LIMITS, seed)
    arm = JointArm(follows=0.7)
    chain, excess = guard_of(arm, with_model=with_model), Excess(LIMITS, PERIOD_S, tool_at if with_model else None)
    excess.begin(arm.state.pose)
    in_joints = True
    for _ in range(200):
        in_joints ^= bool(adversary.rng.random() < 0.05)
        target = adversary.joint_command(arm.joints) if in_joints else adversary.command(arm.state.pose)
        told = chain.follow(target, arm.state.pose, adversary.command_gain(), arm.joints)
        excess.see(told.target, arm.state.pose, arm.joints)
        arm.set_target(told.target)
    assert excess.count == 0, excess.worst


def test_the_ruler_can_tell_in_joints() -> None:
    excess = Excess(LIMITS, PERIOD_S, tool_at)
    excess.begin(tool_at(HOME))
    for joints in (moved({1: 0.06}), moved({7: 3.0}), moved({2: 0.4})):
        excess.see(Target(NOWHERE, 0.04, joints), tool_at(HOME), HOME)
    assert excess.count == 3


def test_the_arm_of_the_tests_solves_its_kinematics() -> None:
    goal, joints = (0.5, 0.1, 0.3, 0.3, -0.2, 0.5), HOME
    for _ in range(30):
        joints = solved(joints, goal)
    assert tool_at(joints) == pytest.approx(goal, abs=1e-3)
    assert np.all(np.abs(joints) < math.pi)


def test_refused_is_an_error_with_the_name_of_its_guard() -> None:
    with pytest.raises(Refused) as refused:
        joint_checks.check_joint_state((), LIMITS)
    assert refused.value.guard == "count"
