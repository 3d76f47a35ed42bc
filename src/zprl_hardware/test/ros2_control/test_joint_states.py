"""Joints out of messages in any order, in parts, with NaN, with wrong names."""

import math

import pytest

from zprl_control.driver import ArmLost
from zprl_hardware.ros2_control.joint_states import JointStates


def test_names_may_come_in_any_order_with_others_and_in_several_messages() -> None:
    states = JointStates("/joint_states")
    states.update(("b", "other", "a"), (2.0, 9.0, 1.0), (0.2, 0.9, 0.1), 10.0, 100.0)
    states.update(("finger",), (0.04,), (), 10.0, 100.5)
    assert [joint.position for joint in states.joints(("a", "b"))] == [1.0, 2.0]
    assert [joint.velocity for joint in states.joints(("a", "b"))] == [0.1, 0.2]
    assert states.joint("finger").received_s == 100.5 and states.joint("a").received_s == 100.0


@pytest.mark.parametrize("velocities", [(), (math.nan,)], ids=["missing", "NaN"])
def test_a_velocity_that_is_not_measured_comes_from_two_positions(velocities: tuple[float, ...]) -> None:
    states = JointStates("/joint_states")
    for step in range(20):
        states.update(("a",), (0.01 * step,), velocities, 5.0 + 0.02 * step, 100.0 + 0.03 * step)
    assert states.joint("a").velocity == pytest.approx(0.5, abs=1e-4)  # by the stamps, not by their arrival


def test_a_message_that_says_nothing_new_does_not_keep_the_arm_alive() -> None:
    states = JointStates("/joint_states")
    states.update(("a",), (1.0,), (), 5.0, 100.0)
    states.update(("a",), (1.0,), (), 5.0, 101.0)
    assert states.joint("a").received_s == 100.0
    states.update(("a",), (1.0,), (), 0.0, 102.0)  # a publisher without stamps
    assert states.joint("a").received_s == 102.0


def test_nothing_heard_names_the_topic() -> None:
    with pytest.raises(ArmLost, match="no joint states on /robot/joint_states yet"):
        JointStates("/robot/joint_states").joint("a")


def test_a_wrong_name_is_told_with_the_one_that_was_meant() -> None:
    states = JointStates("/joint_states")
    states.update(("ur_elbow_joint", "ur_wrist_1_joint"), (0.0, 0.0), (), 1.0, 1.0)
    with pytest.raises(ArmLost, match=r"no joint elbow_joint \(did you mean ur_elbow_joint\?\), it has ur_elbow_joint"):
        states.joint("elbow_joint")


def test_a_position_that_is_not_a_number_is_told() -> None:
    states = JointStates("/joint_states")
    states.update(("a",), (math.nan,), (), 1.0, 1.0)
    with pytest.raises(ArmLost, match=r"gives nan as the position of a.*list_hardware_interfaces"):
        states.joint("a")


def test_names_without_positions_are_counted_and_told() -> None:
    states = JointStates("/joint_states")
    states.update(("a", "b"), (), (), 1.0, 1.0)
    with pytest.raises(ArmLost, match="1 messages had different numbers of names and positions"):
        states.joint("a")
