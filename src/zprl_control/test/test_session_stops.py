"""What stops the arm's session over a fake driver, and what a human does before it moves again."""

from dataclasses import replace

import pytest

from fake_arm import STILL, ArmHarness, enabled_harness
from zprl_control.driver import ArmLost
from zprl_control.safety.checks import Refused
from zprl_control.safety.command_arbiter import Priority
from zprl_core.arm_mode import ArmMode, IllegalTransition


@pytest.fixture
def lab() -> ArmHarness:
    return enabled_harness()


def test_silence_holds_within_200_ms_and_faults_after_a_second(lab: ArmHarness) -> None:
    lab.command()
    reports = [lab.step() for _ in range(30)]
    modes = [report.mode for report in reports]
    assert modes[:4] == [ArmMode.STREAM] * 4 and modes[4] == ArmMode.HOLD  # 0.20 s still follows, 0.25 s does not
    assert modes.index(ArmMode.FAULT) in (19, 20) and lab.arm.halted
    assert reports[10].reason == "policy is silent" and "silent for more than 1 s" in reports[-1].reason
    assert "recover it first" in lab.command()
    lab.session.recover()
    assert lab.step().mode == ArmMode.IDLE


def test_a_policy_that_comes_back_within_the_second_is_followed_again(lab: ArmHarness) -> None:
    lab.command()
    assert lab.step(8).mode == ArmMode.HOLD
    assert lab.command() == "" and lab.step().mode == ArmMode.STREAM


def test_between_episodes_silence_is_no_fault(lab: ArmHarness) -> None:
    lab.command()
    lab.step()
    lab.session.pause()
    assert lab.step(100).mode == ArmMode.HOLD
    assert lab.command() == "" and lab.step().mode == ArmMode.STREAM


def test_a_reset_that_ends_outside_the_workspace_is_a_fault(lab: ArmHarness) -> None:
    lab.session.reset()
    lab.arm.state, lab.arm.done = replace(lab.arm.state, pose=(0.45, 0.0, 0.6, 0.0, 0.0, 0.0)), 1.0
    report = lab.step()
    assert report.mode == ArmMode.FAULT and "guide the tool inside" in report.reason


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ({"fault": "reflex: cartesian_reflex"}, "cartesian_reflex"),
        ({"wrench": (50.0, 0.0, 0.0, 0.0, 0.0, 0.0)}, "force at the tool is 50.0 N"),
    ],
)
def test_what_stops_it_needs_a_person(lab: ArmHarness, what: dict[str, object], why: str) -> None:
    lab.command()
    lab.step()
    lab.arm.state = replace(lab.arm.state, **what)  # type: ignore[arg-type]
    report = lab.step()
    assert report.mode == ArmMode.FAULT and why in report.reason and lab.arm.halted
    lab.arm.state = replace(lab.arm.state, wrench=STILL)
    with pytest.raises(IllegalTransition, match="recover it first"):
        lab.session.enable()
    lab.session.recover()
    lab.session.enable()
    assert lab.step().mode == ArmMode.HOLD


def test_a_state_that_is_old_stops_it(lab: ArmHarness) -> None:
    lab.command()
    lab.step()
    then = lab.arm.now
    lab.arm.read = lambda: replace(lab.arm.state, read_s=then)  # type: ignore[method-assign]
    for _ in range(6):
        lab.command()
        report = lab.step()
    assert report.mode == ArmMode.FAULT and "state is 0.25 s old" in report.reason


def test_a_pulled_cable_and_its_return(lab: ArmHarness) -> None:
    lab.command()
    lab.arm.reachable = False
    report = lab.step()
    assert report.mode == ArmMode.DISCONNECTED and "plug it in" in report.reason
    assert "connect the arm first" in lab.command()
    lab.arm.reachable = True
    assert lab.step(30).mode == ArmMode.IDLE  # and a person arms it again


def test_the_emergency_stop_is_latched(lab: ArmHarness) -> None:
    lab.command()
    lab.session.estop()
    assert lab.step().mode == ArmMode.ESTOP and lab.arm.halted and "release" in lab.command()
    lab.arm.reachable = False
    lab.step()
    lab.arm.reachable = True
    assert lab.step(30).mode == ArmMode.ESTOP
    with pytest.raises(IllegalTransition, match="release"):
        lab.session.recover()
    lab.session.release()
    lab.session.recover()
    lab.session.enable()
    assert lab.step().mode == ArmMode.HOLD


def test_a_stop_that_is_released_while_the_arm_is_away_still_wants_a_person(lab: ArmHarness) -> None:
    lab.session.estop()
    lab.arm.reachable = False
    lab.step()
    lab.session.release()
    lab.arm.reachable = True
    assert lab.step(30).mode == ArmMode.FAULT
    lab.session.recover()
    assert lab.step().mode == ArmMode.IDLE


def test_nothing_moves_without_the_dead_man_switch() -> None:
    lab = ArmHarness()
    lab.interlocks.dead_man = True
    lab.step()
    lab.session.enable()
    lab.command()
    report = lab.step()
    assert report.mode == ArmMode.HOLD and "dead-man switch has not been received yet" in report.reason
    lab.interlocks.enabled(lab.arm.now)
    lab.command()
    assert lab.step().mode == ArmMode.STREAM
    for _ in range(7):
        lab.command()
        report = lab.step()
    assert report.mode == ArmMode.HOLD and "silent for 0.40 s" in report.reason
    with pytest.raises(Refused, match="dead-man switch has been silent"):
        lab.session.reset()
    assert lab.arm.resets == 0 and lab.step().mode == ArmMode.HOLD
    lab.interlocks.enabled(lab.arm.now)
    lab.session.reset()
    assert lab.step(2).mode == ArmMode.RESET and lab.arm.resets == 1
    assert lab.step(6).mode == ArmMode.RESET and lab.arm.halted and lab.session.counts["dead-man"] > 2  # it brakes


def test_a_camera_that_is_silent_stops_a_policy_and_not_a_person(lab: ArmHarness) -> None:
    lab.interlocks.cameras = ("front", "wrist")
    lab.interlocks.saw("front", lab.arm.now)
    lab.command()
    assert "camera wrist has not been received yet" in lab.step().reason
    lab.interlocks.saw("wrist", lab.arm.now)
    lab.command()
    assert lab.step().mode == ArmMode.STREAM
    for _ in range(12):
        lab.interlocks.saw("front", lab.arm.now)
        lab.command()
        report = lab.step()
    assert report.mode == ArmMode.HOLD and "camera wrist has been silent for 0.6" in report.reason
    assert lab.session.counts["camera"] >= 2
    lab.session.nudge((0.1, 0.0, 0.0, 0.0, 0.0, 0.0), None, "keyboard", Priority.PERSON, lab.arm.now)
    assert lab.step().mode == ArmMode.STREAM


def test_an_arm_that_is_away_is_not_recovered(lab: ArmHarness) -> None:
    """Released while the cable is out, it is in FAULT without a state: nothing could be held then."""
    lab.session.estop()
    lab.arm.reachable = False
    lab.step()
    lab.session.release()
    with pytest.raises(ArmLost, match="connect it first"):
        lab.session.recover()
    lab.arm.reachable = True
    assert lab.step(30).mode == ArmMode.FAULT
    lab.session.recover()
    lab.session.enable()
    assert lab.step().mode == ArmMode.HOLD
