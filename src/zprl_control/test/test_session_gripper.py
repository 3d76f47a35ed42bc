"""What the arm's session does when the gripper does not do what it was commanded."""

from dataclasses import replace

import pytest

from fake_arm import HERE, PERIOD_S, ArmHarness, enabled_harness
from zprl_control.driver import ArmLost
from zprl_control.safety.checks import Refused
from zprl_control.safety.command_arbiter import Priority
from zprl_control.safety.interlocks import Interlocks
from zprl_control.safety.limits import Limits
from zprl_control.session import ArmSession
from zprl_core.arm_mode import ArmMode
from zprl_core.gripper_state import GripperMode, GripperState
from zprl_core.target import Target

REFUSED = GripperState(GripperMode.REFUSED, "the gripper does not follow: command failed")
NOT_HOMED = GripperState(GripperMode.NOT_HOMED, "the gripper is not homed")


@pytest.fixture
def lab() -> ArmHarness:
    return enabled_harness()


def becomes(lab: ArmHarness, gripper: GripperState) -> None:
    lab.arm.state = replace(lab.arm.state, gripper=gripper)


@pytest.mark.parametrize("gripper", [REFUSED, NOT_HOMED], ids=lambda g: g.mode.name)
@pytest.mark.parametrize("priority", [Priority.POLICY, Priority.TOOL])
def test_a_program_whose_gripper_fails_is_stopped_with_the_reason(
    lab: ArmHarness, gripper: GripperState, priority: Priority
) -> None:
    lab.command(priority=priority)
    assert lab.step().mode == ArmMode.STREAM
    becomes(lab, gripper)
    report = lab.step()
    assert (report.mode, report.reason, report.command) == (ArmMode.FAULT, gripper.reason, None)
    assert lab.arm.halted and lab.session.counts["gripper"] == 1


def test_an_operator_who_moves_the_arm_is_not_stopped(lab: ArmHarness) -> None:
    lab.command(priority=Priority.PERSON)
    becomes(lab, REFUSED)
    report = lab.step()
    assert report.mode == ArmMode.STREAM and report.state is not None and report.state.gripper == REFUSED


def test_an_enabled_arm_that_nobody_commands_is_not_stopped(lab: ArmHarness) -> None:
    becomes(lab, REFUSED)
    assert lab.step(5).mode == ArmMode.HOLD


def test_a_reset_whose_gripper_does_not_open_fails(lab: ArmHarness) -> None:
    lab.session.reset()
    becomes(lab, REFUSED)
    assert lab.step().mode == ArmMode.FAULT and not lab.session.arrived


def test_a_reset_waits_until_the_gripper_is_homed(lab: ArmHarness) -> None:
    becomes(lab, GripperState(GripperMode.HOMING))
    lab.step()
    with pytest.raises(Refused, match="being homed; reset again"):
        lab.session.reset()
    becomes(lab, GripperState())
    lab.step()
    lab.session.reset()
    assert lab.session.mode == ArmMode.RESET


def test_a_reset_ends_only_when_the_gripper_is_connected(lab: ArmHarness) -> None:
    lab.session.reset()
    lab.arm.done = 1.0
    becomes(lab, GripperState(GripperMode.CONNECTING))
    assert lab.step(20).mode == ArmMode.RESET
    becomes(lab, GripperState())
    assert lab.step().mode == ArmMode.HOLD and lab.session.arrived


def test_enabling_homes_a_gripper_that_is_not_homed() -> None:
    lab = ArmHarness()
    becomes(lab, NOT_HOMED)
    assert lab.step().mode == ArmMode.IDLE
    lab.session.enable()
    report = lab.step()
    assert report.mode == ArmMode.HOLD and report.state is not None
    assert report.state.gripper.mode == GripperMode.HOLDING


@pytest.mark.parametrize("resets", [False, True])
def test_enabling_homes_a_gripper_that_connects_later(resets: bool) -> None:
    """`enable_at_start` enables the arm as soon as it answers; the gripper takes longer."""
    lab = ArmHarness()
    becomes(lab, GripperState(GripperMode.CONNECTING))
    lab.step()
    lab.session.enable()
    if resets:
        lab.session.reset()
    lab.step()
    becomes(lab, NOT_HOMED)
    report = lab.step()
    assert report.state is not None and report.state.gripper.mode == GripperMode.HOMING
    lab.arm.done = 1.0
    assert lab.step(3).mode == ArmMode.HOLD and lab.arm.state.gripper.mode == GripperMode.HOLDING


def test_a_gripper_that_loses_its_homing_later_is_not_homed_by_surprise() -> None:
    lab = ArmHarness()
    becomes(lab, GripperState(GripperMode.CONNECTING))
    lab.step()
    lab.session.enable()
    becomes(lab, GripperState())
    lab.step()
    becomes(lab, NOT_HOMED)
    assert lab.step(3).state.gripper.mode == GripperMode.NOT_HOMED  # type: ignore[union-attr]


def test_enabling_leaves_a_homed_gripper_as_it_is(lab: ArmHarness) -> None:
    lab.session.stop()
    becomes(lab, REFUSED)
    lab.step()
    lab.session.enable()
    assert lab.step().state.gripper == REFUSED  # type: ignore[union-attr]


def test_the_gripper_is_homed_only_while_nothing_moves_the_arm(lab: ArmHarness) -> None:
    lab.command()
    lab.step()
    becomes(lab, NOT_HOMED)
    with pytest.raises(Refused, match="in STREAM"):
        lab.session.home_gripper()
    lab.session.stop()
    lab.step()
    lab.session.home_gripper()
    assert lab.step().state.gripper.mode == GripperMode.HOLDING  # type: ignore[union-attr]
    lab.session.enable()
    lab.command()
    lab.step(8)  # the policy is silent: it may come back
    assert lab.session.mode == ArmMode.HOLD
    with pytest.raises(Refused, match="end the episode"):
        lab.session.home_gripper()
    lab.session.pause()
    lab.session.home_gripper()
    lab.session.reset()
    with pytest.raises(Refused, match="in RESET"):
        lab.session.home_gripper()
    lab.session.estop()
    with pytest.raises(Refused, match="release the emergency stop"):
        lab.session.home_gripper()


def test_after_a_fault_the_gripper_is_homed_before_the_arm_is_recovered(lab: ArmHarness) -> None:
    lab.command()
    lab.step()
    becomes(lab, NOT_HOMED)
    assert lab.step().mode == ArmMode.FAULT
    lab.session.home_gripper()
    lab.session.recover()
    lab.session.enable()
    lab.command()
    assert lab.step().mode == ArmMode.STREAM


def test_a_gripper_is_not_homed_without_the_dead_man_switch_nor_without_an_arm() -> None:
    lab = ArmHarness()
    with pytest.raises(ArmLost):
        lab.session.home_gripper()
    interlocks = Interlocks(Limits(), dead_man=True)
    session = ArmSession(lab.arm, Limits(), PERIOD_S, interlocks=interlocks)
    becomes(lab, NOT_HOMED)
    session.tick(0.0)
    with pytest.raises(Refused, match="dead-man"):
        session.enable()
    interlocks.enabled(0.0)
    session.enable()
    assert session.command(Target(HERE, 0.04), "policy", Priority.POLICY, 0.0) == ""
