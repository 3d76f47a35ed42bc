import pytest

from zprl_core.gripper_state import FAILED, NO_GRIPPER, GripperMode, GripperState


def test_only_a_gripper_that_fails_has_a_trouble_and_it_must_say_why() -> None:
    assert GripperState().trouble == NO_GRIPPER.trouble == ""
    assert GripperState(GripperMode.REFUSED, "stuck").trouble == "stuck"
    for mode in FAILED:
        with pytest.raises(ValueError, match=mode.name):
            GripperState(mode)


def test_a_gripper_is_starting_while_it_connects_or_is_homed() -> None:
    starting = [mode for mode in GripperMode if mode not in FAILED and GripperState(mode).starting]
    assert starting == [GripperMode.CONNECTING, GripperMode.HOMING]
