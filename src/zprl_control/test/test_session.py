"""The arm's session over a fake driver: who commands the arm, when it holds, and its resets."""

import math
from dataclasses import replace

import pytest

from fake_arm import HERE, PERIOD_S, ArmHarness, enabled_harness
from zprl_control.safety.checks import Refused
from zprl_control.safety.command_arbiter import Priority
from zprl_core.arm_mode import ArmMode


@pytest.fixture
def lab() -> ArmHarness:
    return enabled_harness()


def test_it_connects_and_waits_for_a_person() -> None:
    lab = ArmHarness()
    assert lab.session.mode == ArmMode.DISCONNECTED
    assert lab.step().mode == ArmMode.IDLE
    assert "enable it first" in lab.command()
    assert lab.step().command is None and lab.arm.told == []


def test_it_follows_and_gets_there(lab: ArmHarness) -> None:
    for _ in range(40):
        assert lab.command() == ""
        report = lab.step()
    assert report.mode == ArmMode.STREAM and report.reason == ""
    assert lab.arm.told[-1].pose[0] == pytest.approx(0.5) and lab.arm.told[-1].width == 0.04


def test_a_persons_hold_lasts_whatever_a_policy_goes_on_commanding(lab: ArmHarness) -> None:
    for _ in range(4):
        lab.command()
        lab.step()
    lab.session.hold()
    for _ in range(20):
        assert "held by the operator" in lab.command()
        assert "held by the operator" in lab.command(source="moveit", priority=Priority.TOOL)
        report = lab.step()
        assert report.mode == ArmMode.HOLD and report.command is not None and report.command.clipped
    stood = lab.arm.told[-1].pose
    assert lab.step().reason.startswith("held by the operator") and lab.arm.told[-1].pose == stood
    assert lab.command(source="keyboard", priority=Priority.PERSON) == "" and lab.step().mode == ArmMode.STREAM
    assert lab.step(40).mode == ArmMode.HOLD and "held by the operator" in lab.command()  # letting go does not end it
    lab.session.enable()
    assert lab.command() == "" and lab.step().source == "policy"


def test_a_hold_in_the_middle_of_a_reset_lasts_and_the_next_reset_ends_it(lab: ArmHarness) -> None:
    lab.session.reset()
    lab.step()
    lab.session.hold()
    lab.arm.done = 1.0
    assert lab.step().mode == ArmMode.HOLD and "held by the operator" in lab.command()
    lab.session.reset()
    lab.arm.done = 1.0
    assert lab.step().mode == ArmMode.HOLD and lab.command() == ""


def test_an_endless_twist_is_refused(lab: ArmHarness) -> None:
    for strange in (math.inf, -math.inf, math.nan):
        why = lab.session.nudge((strange, 0.0, 0.0, 0.0, 0.0, 0.0), None, "servo", Priority.TOOL, lab.arm.now)
        assert "not finite" in why and lab.step().mode == ArmMode.HOLD
    assert lab.session.counts["finite"] == 3


def test_a_reset_runs_and_ends_in_hold(lab: ArmHarness) -> None:
    lab.session.reset()
    assert lab.step().mode == ArmMode.RESET
    assert "wait for the reset" in lab.command()
    lab.arm.done = 1.0
    assert lab.step().mode == ArmMode.HOLD and lab.command() == ""


def test_an_arm_that_was_let_go_is_not_at_its_start_any_more(lab: ArmHarness) -> None:
    """A hand may have moved it since."""
    for let_go in (lab.session.stop, lab.session.estop, lambda: setattr(lab.arm, "reachable", False)):
        lab.session.reset()
        lab.arm.done = 1.0
        assert lab.step().mode == ArmMode.HOLD and lab.session.arrived
        let_go()
        lab.step()
        assert not lab.session.arrived
        if lab.session.mode == ArmMode.ESTOP:
            lab.session.release()
            lab.session.recover()
        if lab.session.mode == ArmMode.IDLE:
            lab.session.enable()


def test_one_writer_and_a_person_before_a_policy(lab: ArmHarness) -> None:
    assert lab.command(source="policy") == ""
    assert "because policy does" in lab.command(source="another")
    assert lab.command(source="spacemouse", priority=Priority.PERSON) == ""
    assert "spacemouse does" in lab.command(source="policy")
    assert lab.session.counts["ignored"] == 2


def test_a_command_that_is_no_number_brakes_and_is_counted(lab: ArmHarness) -> None:
    lab.command()
    lab.step(2)
    lab.command(x=math.nan)
    report = lab.step()
    assert report.command is not None and report.command.refused and "not finite" in report.reason
    assert lab.session.counts["finite"] == 1 and math.isfinite(lab.arm.told[-1].pose[0])


def test_a_tool_outside_the_workspace_cannot_be_armed() -> None:
    lab = ArmHarness()
    lab.arm.state = replace(lab.arm.state, pose=(0.9, 0.0, 0.2, 0.0, 0.0, 0.0))
    lab.step()
    with pytest.raises(Refused, match="guide the tool inside"):
        lab.session.enable()
    assert lab.session.mode == ArmMode.IDLE


def test_a_reset_that_is_told_to_hold_brakes_and_did_not_arrive(lab: ArmHarness) -> None:
    """The motion to the start is the backend's own: it must be told to end, and the arm is held where it then is."""
    lab.session.reset()
    lab.step()
    lab.session.hold()
    assert lab.arm.halted and lab.step().mode == ArmMode.RESET  # it brakes still
    lab.arm.state, lab.arm.done = replace(lab.arm.state, pose=(0.4, *HERE[1:])), 1.0
    assert lab.step().mode == ArmMode.HOLD and not lab.session.arrived
    assert lab.arm.told[-1].pose[0] == 0.4


def test_a_person_who_lets_go_is_no_fault_and_the_policy_goes_on(lab: ArmHarness) -> None:
    assert lab.session.nudge((0.1, 0.0, 0.0, 0.0, 0.0, 0.0), None, "keyboard", Priority.PERSON, lab.arm.now) == ""
    assert lab.step().person and lab.session.mode == ArmMode.STREAM
    reports = [lab.step() for _ in range(15)]  # 0.75 s: the hold-off runs
    assert reports[-1].mode == ArmMode.HOLD and reports[-1].person and "keyboard" in lab.command()
    assert lab.step(20).mode == ArmMode.HOLD and not lab.step().person
    assert lab.command() == "" and lab.step().source == "policy"


def test_a_twist_moves_the_tool_that_fast(lab: ArmHarness) -> None:
    for _ in range(40):
        lab.session.nudge((0.05, 0.0, 0.0, 0.0, 0.0, 0.5), 0.02, "spacemouse", Priority.PERSON, lab.arm.now)
        lab.step()
    begin, end = lab.arm.told[-11], lab.arm.told[-1]
    assert (end.pose[0] - begin.pose[0]) / (10 * PERIOD_S) == pytest.approx(0.05, rel=0.1)
    assert (end.pose[5] - begin.pose[5]) / (10 * PERIOD_S) == pytest.approx(0.5, rel=0.1)
    assert end.width == 0.02


def test_only_a_policys_commands_are_led(lab: ArmHarness) -> None:
    """2 cm ahead of a tool that does not move: a policy's target is told threefold, a tool's as it is."""
    lab.session.command_gain = 3.0
    for source, priority, told_m in (("policy", Priority.POLICY, 0.06), ("target_pose", Priority.TOOL, 0.02)):
        for _ in range(30):
            lab.command(x=HERE[0] + 0.02, source=source, priority=priority)
            lab.step()
            lab.arm.state = replace(lab.arm.state, pose=HERE)
        assert lab.arm.told[-1].pose[0] - HERE[0] == pytest.approx(told_m, abs=1e-4)
