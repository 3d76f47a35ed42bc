"""A reset that is asked for again and again until it is over."""

import pytest

from fake_arm import ArmHarness, enabled_harness
from zprl_control.reset import ResetStep, Resetting
from zprl_control.safety.command_arbiter import Priority
from zprl_core.arm_mode import ArmMode


@pytest.fixture
def lab() -> ArmHarness:
    return enabled_harness()


def test_the_arm_goes_first_then_the_scene(lab: ArmHarness) -> None:
    resetting = Resetting(lab.session, scene=True)
    assert resetting.advance(False) == ResetStep.ARM and lab.session.mode == ArmMode.RESET
    lab.step()
    assert resetting.advance(False) == ResetStep.ARM
    lab.arm.done = 1.0
    lab.step()
    assert resetting.advance(False) == ResetStep.SCENE
    assert resetting.advance(True) == ResetStep.DONE and resetting.message == ""
    assert resetting.advance(True) == ResetStep.ARM  # the next one begins anew


def test_without_a_scene_the_arm_is_all(lab: ArmHarness) -> None:
    resetting = Resetting(lab.session, scene=False)
    assert resetting.advance(False) == ResetStep.ARM
    lab.arm.done = 1.0
    lab.step()
    assert resetting.advance(False) == ResetStep.DONE


def test_what_cannot_be_says_why_and_is_not_pending(lab: ArmHarness) -> None:
    resetting = Resetting(lab.session, scene=True)
    resetting.advance(False)
    lab.session.estop()
    assert resetting.advance(False) == ResetStep.IMPOSSIBLE and resetting.message == "emergency stop"
    idle = ArmHarness()
    idle.step()
    resetting = Resetting(idle.session, scene=True)
    assert resetting.advance(False) == ResetStep.IMPOSSIBLE and "IDLE; enable it first" in resetting.message
    assert idle.session.reason == ""


def test_a_motion_that_was_cancelled_is_no_reset(lab: ArmHarness) -> None:
    resetting = Resetting(lab.session, scene=True)
    resetting.advance(False)
    lab.session.hold()
    assert resetting.advance(False) == ResetStep.ARM  # it brakes
    lab.arm.done = 1.0
    lab.step()
    assert resetting.advance(True) == ResetStep.IMPOSSIBLE and "motion was canceled" in resetting.message
    assert resetting.advance(True) == ResetStep.ARM  # the next one begins anew


def test_an_arm_that_was_moved_while_the_scene_was_put_in_order_is_not_at_its_start(lab: ArmHarness) -> None:
    resetting = Resetting(lab.session, scene=True)
    resetting.advance(False)
    lab.arm.done = 1.0
    lab.step()
    assert resetting.advance(False) == ResetStep.SCENE
    lab.session.nudge((0.1, 0.0, 0.0, 0.0, 0.0, 0.0), None, "teleop/keyboard", Priority.PERSON, lab.arm.now)
    assert resetting.advance(True) == ResetStep.IMPOSSIBLE and "it was moved afterwards" in resetting.message


def test_without_a_hand_on_the_dead_man_switch_it_says_so_and_nothing_moves(lab: ArmHarness) -> None:
    lab.interlocks.dead_man = True
    resetting = Resetting(lab.session, scene=True)
    for _ in range(2):
        assert resetting.advance(False) == ResetStep.IMPOSSIBLE and "dead-man" in resetting.message
        assert lab.session.mode == ArmMode.HOLD
    lab.interlocks.dead_man = False
    assert resetting.advance(False) == ResetStep.ARM


def test_a_reset_that_was_refused_leaves_no_persons_hold_behind(lab: ArmHarness) -> None:
    lab.interlocks.dead_man = True
    assert Resetting(lab.session, scene=True).advance(False) == ResetStep.IMPOSSIBLE
    lab.interlocks.dead_man = False
    assert lab.command() == ""  # a policy is followed
