"""The gripper of the ros2_control driver: when goals are sent, and what is said when it does not follow."""

import pytest

from fake_controllers import BENT, PLANAR, START, follow, make_config, make_harness
from zprl_control.safety.checks import Refused
from zprl_core.gripper_state import GripperMode
from zprl_core.target import Target
from zprl_hardware.ros2_control.config import GripperInterface, Ros2ControlConfig
from zprl_hardware.ros2_control.link import GripperStatus


def gripper_config(**changes: object) -> Ros2ControlConfig:
    return make_config(gripper=GripperInterface.GRIPPER_COMMAND, gripper_joint="fingers", **changes)


def test_the_gripper_keeps_what_it_holds_and_then_gets_one_goal_for_each_change() -> None:
    made = make_harness(gripper_config(), BENT, PLANAR)
    made.arm.connect()
    made.fake.fingers = 0.02
    made.passes(0.01)
    assert made.arm.read().width == pytest.approx(0.04)
    made.arm.begin(Target(START, 0.04))
    follow(made, Target(START, 0.0405, joints=BENT), 0.2)
    assert made.fake.goals == []
    follow(made, Target(START, 0.0, joints=BENT), 0.2)
    assert made.fake.goals == [(0.0, 30.0)]
    follow(made, Target(START, 0.08, joints=BENT), 0.2)
    assert made.fake.goals[1:] == [(0.04, 30.0)]


def test_a_gripper_that_closes_with_growing_angles() -> None:
    made = make_harness(gripper_config(gripper_open=0.0, gripper_closed=0.8, gripper_width=0.085), BENT, PLANAR)
    made.arm.connect()
    made.fake.fingers = 0.4
    made.passes(0.01)
    assert made.arm.read().width == pytest.approx(0.0425)
    made.arm.begin(Target(START, 0.0425))
    follow(made, Target(START, 0.0, joints=BENT), 0.1)
    assert made.fake.goals == [(pytest.approx(0.8), 30.0)]


def test_halting_cancels_fingers_that_move_only() -> None:
    made = make_harness(gripper_config(), BENT, PLANAR)
    made.arm.connect()
    made.arm.begin(Target(START, 0.08))
    made.arm.halt()
    assert made.fake.cancelled == 0
    made.arm.begin(Target(START, 0.08))
    follow(made, Target(START, 0.0, joints=BENT), 0.1)
    made.arm.halt()
    assert made.fake.cancelled == 1


def test_halting_cancels_a_goal_that_is_not_answered_yet() -> None:
    made = make_harness(gripper_config(), BENT, PLANAR)
    made.arm.connect()
    made.fake.gripper = GripperStatus(ready=True, busy=True)
    made.arm.halt()
    assert made.fake.cancelled == 1


def test_troubles_of_the_gripper_name_action_joint_and_remedy() -> None:
    made = make_harness(gripper_config(), BENT, PLANAR)
    made.fake.gripper = GripperStatus(ready=False)
    made.arm.connect()
    assert made.arm.read().gripper.mode is GripperMode.CONNECTING  # the server may be discovered later
    made.passes(5.1)
    state = made.arm.read().gripper
    assert state.mode is GripperMode.REFUSED and "/gripper_controller/gripper_cmd has no server" in state.reason
    made.fake.gripper = GripperStatus(ready=True, trouble="the goal was aborted")
    assert made.arm.read().gripper.trouble == "the goal was aborted" and made.arm.read().fault == ""
    made.arm.halt()
    assert made.arm.read().gripper.mode is GripperMode.HOLDING  # the next goal is judged on its own
    made.fake.gripper = GripperStatus(ready=False)
    assert "has no server" in made.arm.read().gripper.trouble  # it was there: its server died
    other = make_harness(make_config(gripper=GripperInterface.GRIPPER_COMMAND, gripper_joint="thumb"), BENT, PLANAR)
    other.arm.connect()
    assert "has no joint thumb" in other.arm.read().gripper.trouble


def test_an_arm_without_a_gripper_says_so_and_none_is_homed_by_a_command() -> None:
    bare = make_harness(make_config(), BENT, PLANAR)
    bare.arm.connect()
    assert bare.arm.read().gripper.mode is GripperMode.ABSENT
    with pytest.raises(Refused, match="its own driver"):
        bare.arm.home_gripper()


def test_a_width_is_sent_again_after_its_server_died() -> None:
    made = make_harness(gripper_config(), BENT, PLANAR)
    made.arm.connect()
    made.arm.begin(Target(START, 0.08))
    follow(made, Target(START, 0.0, joints=BENT), 0.2)
    assert made.fake.goals == [(0.0, 30.0)]
    made.fake.gripper = GripperStatus(ready=False)
    follow(made, Target(START, 0.0, joints=BENT), 0.2)
    made.fake.gripper = GripperStatus(ready=True)
    follow(made, Target(START, 0.0, joints=BENT), 0.2)
    assert made.fake.goals == [(0.0, 30.0)] * 2


def test_a_goal_that_does_not_end_is_a_gripper_that_does_not_follow() -> None:
    made = make_harness(gripper_config(), BENT, PLANAR)
    made.arm.connect()
    made.arm.begin(Target(START, 0.08))
    follow(made, Target(START, 0.0, joints=BENT), 9.0)
    assert made.arm.read().gripper.mode is GripperMode.MOVING
    follow(made, Target(START, 0.0, joints=BENT), 1.5)
    assert "has not ended after 10 s" in made.arm.read().gripper.trouble


def test_a_refused_goal_is_sent_again_after_a_second() -> None:
    made = make_harness(gripper_config(), BENT, PLANAR)
    made.arm.connect()
    made.arm.begin(Target(START, 0.08))
    follow(made, Target(START, 0.0, joints=BENT), 0.1)
    made.fake.gripper = GripperStatus(ready=True, refused=True)
    follow(made, Target(START, 0.0, joints=BENT), 0.5)
    assert len(made.fake.goals) == 1
    follow(made, Target(START, 0.0, joints=BENT), 0.7)
    assert len(made.fake.goals) == 2


def test_a_goal_that_is_not_answered_yet_is_not_overtaken() -> None:
    made = make_harness(gripper_config(), BENT, PLANAR)
    made.arm.connect()
    made.arm.begin(Target(START, 0.08))
    made.fake.gripper = GripperStatus(ready=True, busy=True)
    follow(made, Target(START, 0.0, joints=BENT), 0.2)
    assert made.fake.goals == []
