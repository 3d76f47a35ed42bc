"""An arm that a policy drives in joints."""

from dataclasses import replace

import pytest
from hypothesis import strategies as st

from fake_arm import PERIOD_S
from joint_arm import JointArm
from zprl_control.report import Report
from zprl_control.safety.command_arbiter import Priority
from zprl_control.safety.limits import Limits
from zprl_control.session import ArmSession
from zprl_core.arm_mode import ArmMode
from zprl_core.arm_model import FR3
from zprl_core.target import Pose6, Target
from zprl_hardware.franka.kinematics import tool_at

HOME = FR3.home


TILTING = replace(Limits(), low=(0.28, -0.3, 0.012, -1.2, -1.2, -3.1415), high=(0.66, 0.3, 0.42, 1.2, 1.2, 3.1415))
AWAY: Pose6 = (0.0, 0.0, 0.1, 0.0, 0.0, 0.0)


def jointed(joints: tuple[float, ...] = HOME) -> tuple[ArmSession, JointArm]:
    """An armed FR3 whose tool is where its joints put it."""
    arm = JointArm(joints)
    session = ArmSession(arm, TILTING, PERIOD_S, tool_at=tool_at)
    session.tick(0.0)
    session.enable()
    return session, arm


def tick(session: ArmSession, arm: JointArm, target: Target | None = None) -> Report:
    """One control step, with a policy's command when there is a target."""
    arm.now += PERIOD_S
    if target is not None:
        assert session.command(target, "policy", Priority.POLICY, arm.now) == ""
    return session.tick(arm.now)


def turned(arm: JointArm, number: int, by: float) -> Target:
    return Target(AWAY, 0.04, tuple(q + by * (i == number) for i, q in enumerate(arm.joints, start=1)))


def test_a_policy_drives_the_arm_in_joints() -> None:
    session, arm = jointed()
    for _ in range(20):
        report = tick(session, arm, turned(arm, 1, 0.05))
    assert report.mode == ArmMode.STREAM and report.reason == "" and report.command is not None
    assert report.command.target.joints == arm.joints and arm.joints[0] > HOME[0] + 0.3
    assert report.command.target.pose == pytest.approx(tool_at(arm.joints)) and arm.state.width == 0.04


def test_in_joints_silence_brakes_and_faults_too() -> None:
    session, arm = jointed()
    for _ in range(10):
        tick(session, arm, turned(arm, 1, 0.05))
    for _ in range(15):
        report = tick(session, arm)
    assert report.mode == ArmMode.HOLD and "policy is silent" in report.reason
    stands = arm.joints
    for _ in range(8):
        report = tick(session, arm)
    assert report.mode == ArmMode.FAULT and arm.joints == stands


def test_a_hand_takes_over_from_a_policy_in_joints() -> None:
    """It comes to a rest, then the hand moves the tool from where it is; then the policy goes on in joints."""
    session, arm = jointed()
    for _ in range(10):
        tick(session, arm, turned(arm, 1, 0.05))
    before = arm.state.pose
    for _ in range(20):
        assert session.nudge(AWAY, None, "keyboard", Priority.PERSON, arm.now) == ""
        report = tick(session, arm)
    assert report.person and report.command is not None and report.command.target.joints is None
    assert arm.state.pose[2] > before[2] + 0.04  # 0.1 m/s
    for _ in range(25):
        arm.now += PERIOD_S
        session.tick(arm.now)
    for _ in range(10):
        report = tick(session, arm, turned(arm, 1, -0.05))
    assert report.command is not None and report.command.target.joints == arm.joints


def test_a_policy_in_joints_stops_at_the_margin_and_comes_back_by_itself() -> None:
    """Joint 7 ends at 3.0159 rad, the margin is 0.1. The hand turns in place: yaw may be anything."""
    session, arm = jointed((*HOME[:6], 2.5))
    for _ in range(20):
        report = tick(session, arm, turned(arm, 7, 0.05))
    assert report.mode == ArmMode.STREAM and report.reason == "joint 7 too close to its limit"
    assert arm.joints[6] == pytest.approx(2.9159) and session.counts["joint_box"] > 3
    for _ in range(10):
        report = tick(session, arm, turned(arm, 7, -0.05))
    assert report.reason == "" and arm.joints[6] < 2.75


def test_a_joint_that_is_carried_past_half_its_margin_is_a_persons() -> None:
    session, arm = jointed((*HOME[:6], 2.8))
    for _ in range(5):
        tick(session, arm, turned(arm, 7, 0.05))
    arm.place((*arm.joints[:6], 2.97))
    for _ in range(5):
        report = tick(session, arm, turned(arm, 7, -0.05))
    assert report.mode == ArmMode.HOLD and "joint 7 is at 2.97 rad, near its limit at 3.02" in report.reason


number = st.integers(0, 6)
