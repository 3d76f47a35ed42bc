"""What the followers of joints ask of franky, by numbers worked out by hand."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from zprl_control.safety.interpolator import JointInterpolator
from zprl_core.target import Target
from zprl_hardware.franka.arm_sample import ArmSample
from zprl_hardware.franka.config import Control, FrankyConfig
from zprl_hardware.franka.followers import make_follower
from zprl_hardware.franka.joint_followers import JointImpedanceFollower, JointMotionFollower

HERE = (0.1, -0.2, 0.3, -1.5, 0.5, 1.6, 0.7)
NOWHERE = (0.0,) * 6
SEEN = ArmSample(NOWHERE, 0.0, HERE)
# Joint 1: spring 400 N m/rad, damper 2 sqrt(400) = 40 N m s/rad, at most 8 N m: the spring reaches 0.02 rad.
CONFIG = FrankyConfig(joint_stiffness=(400.0,) * 7, joint_torque=(8.0,) * 7, error_clip_m=0.1)


class Robot:
    """Takes motions, and stays where it is."""

    def __init__(self) -> None:
        self.motions: list[Any] = []
        self.state = SimpleNamespace(q=HERE)

    def move(self, motion: Any, asynchronous: bool) -> None:
        assert asynchronous
        self.motions.append(motion)


def first(by: float) -> Target:
    """A target that moves joint 1 alone."""
    return Target(NOWHERE, 0.08, (HERE[0] + by, *HERE[1:]))


def impedance(config: FrankyConfig = CONFIG) -> tuple[JointImpedanceFollower, list[tuple[float, float]]]:
    """A follower, and the angles and speeds of joint 1 that its tracker is told."""
    told: list[tuple[float, float]] = []
    follower = JointImpedanceFollower(config, Robot(), 0.05)
    follower._tracker = SimpleNamespace(set_target=lambda q, dq: told.append((q[0], dq[0])))
    return follower, told


def test_a_joint_glides_to_its_target_in_a_control_step_and_a_bit() -> None:
    """6 mrad in 60 ms are 0.1 rad/s."""
    glide = JointInterpolator((0.0, 1.0), 0.05)
    glide.towards((0.006, 1.0), 2.0)
    glide.towards((0.006, 1.0), 2.02)  # told before
    for now, at, speed in ((2.0, 0.0, 0.1), (2.03, 0.003, 0.1), (2.06, 0.006, 0.0), (3.0, 0.006, 0.0)):
        joints, speeds = glide.at(now)
        assert joints == pytest.approx((at, 1.0)) and speeds == pytest.approx((speed, 0.0))


def test_springs_and_dampers_of_a_joint_are_told_angle_and_speed() -> None:
    follower, told = impedance()
    follower.set_target(first(0.006), ArmSample(NOWHERE, 0.0, HERE))
    follower.set_target(first(0.006), ArmSample(NOWHERE, 0.03, HERE))
    follower.set_target(first(0.006), ArmSample(NOWHERE, 0.06, HERE))
    follower.set_target(None, ArmSample(NOWHERE, 0.07, HERE))
    assert [q for q, _ in told] == pytest.approx([0.1, 0.103, 0.106])
    assert [v for _, v in told] == pytest.approx([0.1, 0.1, 0.0])


@pytest.mark.parametrize(
    ("by", "moves", "angle", "speed"),
    [
        (0.06, 0.0, 0.1, 0.2),  # no spring yet, 1 rad/s asked for: 8 N m are 0.2 rad/s
        (0.06, 0.9, 0.1, 1.0),  # it moves with 0.9: 4 N m more
        (-0.06, 0.0, 0.1, -0.2),
    ],
)
def test_a_joint_is_pulled_with_its_torque_at_most(by: float, moves: float, angle: float, speed: float) -> None:
    follower, told = impedance()
    follower.set_target(first(by), ArmSample(NOWHERE, 0.0, HERE, (moves, *[0.0] * 6)))
    assert told[0] == pytest.approx((angle, speed))


def test_a_joint_that_is_held_back_is_pulled_by_its_spring_alone() -> None:
    """0.06 rad away the spring would pull with 24 N m: it reaches 0.02 rad, and nothing is left for the damper."""
    follower, told = impedance()
    follower.set_target(first(0.06), ArmSample(NOWHERE, 0.0, HERE))
    follower.set_target(first(0.06), ArmSample(NOWHERE, 0.04, HERE))
    follower.set_target(first(0.06), ArmSample(NOWHERE, 1.0, HERE))
    assert told[1:] == [pytest.approx((0.12, 0.0)), pytest.approx((0.12, 0.0))]


def test_without_feed_forward_the_damper_brakes_every_speed() -> None:
    follower, told = impedance(replace(CONFIG, feed_forward=0.0))
    follower.set_target(first(0.006), ArmSample(NOWHERE, 0.0, HERE))
    assert told == [pytest.approx((0.1, 0.0))]


def test_a_planned_motion_is_sent_once_and_stays() -> None:
    pytest.importorskip("franky", reason="franky-control has no wheel for this machine")
    robot = Robot()
    follower = JointMotionFollower(CONFIG, robot)
    follower.start()
    for target in (first(0.0), first(0.00005), None, first(0.01), first(0.01)):
        follower.set_target(target, SEEN)
    assert [motion.target.position[0] for motion in robot.motions] == pytest.approx([0.1, 0.11])
    assert robot.motions[1].relative_dynamics_factor.velocity == CONFIG.motion_dynamics
    assert not robot.motions[1].return_when_finished


def test_each_control_has_a_follower_of_joints() -> None:
    kinds = [type(make_follower(replace(CONFIG, control=c), Robot(), 0.05, in_joints=True)) for c in Control]
    assert kinds == [JointImpedanceFollower, JointMotionFollower, JointMotionFollower]
    assert [make_follower(CONFIG, Robot(), 0.05, in_joints).in_joints for in_joints in (False, True)] == [False, True]


def test_joints_press_no_harder_than_the_tools_springs() -> None:
    """800 N/m x 0.03 m at 0.28 m are 6.72 N m; 300 N/m x 0.02 m are 1.68 N m."""
    assert FrankyConfig().joint_torques == pytest.approx((6.72, 6.72, 6.72, 6.72, 5.0, 4.0, 3.0))
    soft = FrankyConfig(translational_stiffness=300.0, error_clip_m=0.02)
    assert soft.joint_torques == pytest.approx((1.68,) * 7)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"joint_stiffness": (400.0,) * 6}, r"franky\.joint_stiffness has 7 numbers within \(0, 2000\]"),
        ({"joint_torque": (0.0,) * 7}, r"franky\.joint_torque has 7 numbers within \(0, 80\]"),
        ({"joint_torque": (float("nan"),) * 7}, r"franky\.joint_torque has 7 numbers"),
    ],
)
def test_springs_of_joints_that_make_no_sense_are_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        FrankyConfig(**wrong)
