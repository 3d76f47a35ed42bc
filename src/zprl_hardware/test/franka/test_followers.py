"""What the followers ask of franky, by numbers worked out by hand; and the configuration that chooses one."""

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from zprl_core.config.flatten import flatten, unflatten
from zprl_core.config.validate import check_types
from zprl_core.target import Target
from zprl_hardware.franka.arm_sample import ArmSample
from zprl_hardware.franka.config import Control, FrankyConfig
from zprl_hardware.franka.followers import (
    BRAKE_MS,
    ImpedanceFollower,
    PoseFollower,
    VelocityFollower,
    make_follower,
    speed_towards,
)

CONFIG = FrankyConfig(velocity_gain=8.0, velocity_limit_m=0.5, velocity_limit_rad=2.0)
HERE = Target((0.45, 0.0, 0.2, 0.0, 0.0, 0.0), 0.08)
DOWN = (1.0, 0.0, 0.0, 0.0)
SEEN = ArmSample(HERE.pose, 0.0)


def towards(*pose: float) -> Any:
    return speed_towards(Target(pose, 0.08), np.array(HERE.pose[:3]), DOWN, CONFIG)


def test_a_speed_is_the_distance_times_the_gain() -> None:
    assert towards(*HERE.pose) == pytest.approx(np.zeros(6))
    # 1 cm along y and -2 cm along z, times 8
    assert towards(0.45, 0.01, 0.18, 0.0, 0.0, 0.0) == pytest.approx([0.0, 0.08, -0.16, 0.0, 0.0, 0.0])
    # 0.1 rad about the base's own axes
    assert towards(*HERE.pose[:3], 0.0, 0.0, 0.1) == pytest.approx([0, 0, 0, 0, 0, 0.8])
    assert towards(*HERE.pose[:3], -0.1, 0.0, 0.0) == pytest.approx([0, 0, 0, -0.8, 0, 0])


def test_a_long_way_is_gone_at_the_limit_in_its_own_direction() -> None:
    # 30 and 40 cm, so 0.5 m away: 0.3 and 0.4 of 0.5 m/s
    assert towards(0.75, 0.4, 0.2, 0.0, 0.0, 0.0) == pytest.approx([0.3, 0.4, 0, 0, 0, 0])
    assert towards(*HERE.pose[:3], 0.0, 0.0, -1.0) == pytest.approx([0, 0, 0, 0, 0, -2.0])


class Robot:
    """Takes motions, and stays where it is."""

    def __init__(self) -> None:
        self.motions: list[Any] = []

    def move(self, motion: Any, asynchronous: bool) -> None:
        assert asynchronous
        self.motions.append(motion)


def test_a_velocity_ends_in_rest_and_is_zero_when_nobody_tells_one() -> None:
    pytest.importorskip("franky", reason="franky-control has no wheel for this machine")
    robot = Robot()
    follower = VelocityFollower(CONFIG, robot)
    follower.set_target(replace(HERE, pose=(0.46, *HERE.pose[1:])), SEEN)
    follower.set_target(HERE, SEEN)  # too soon after the last one
    follower._next_s = 0.0
    follower.set_target(None, SEEN)
    assert len(robot.motions) == 2
    speeds = [[list(p.target.end_effector_twist.linear) for p in motion.waypoints] for motion in robot.motions]
    assert speeds[0] == [pytest.approx([0.08, 0.0, 0.0]), [0.0, 0.0, 0.0]] and speeds[1] == [[0.0, 0.0, 0.0]] * 2
    assert robot.motions[0].waypoints[0].hold_target_duration.to_msec() == BRAKE_MS
    assert robot.motions[0].relative_dynamics_factor.jerk == CONFIG.motion_dynamics


def test_a_pose_is_sent_once_and_stays_when_nobody_tells_one() -> None:
    pytest.importorskip("franky", reason="franky-control has no wheel for this machine")
    robot = Robot()
    follower = PoseFollower(CONFIG, robot)
    for target in (
        HERE,
        HERE,
        None,
        replace(HERE, width=0.0),
        replace(HERE, pose=(0.45005, *HERE.pose[1:])),
        replace(HERE, pose=(0.46, *HERE.pose[1:])),
    ):
        follower.set_target(target, SEEN)
    assert len(robot.motions) == 2
    assert robot.motions[1].target.pose.end_effector_pose.translation == pytest.approx([0.46, 0.0, 0.2])
    assert robot.motions[1].relative_dynamics_factor.velocity == CONFIG.motion_dynamics


def test_the_springs_are_told_the_targets_own_speed_as_well() -> None:
    pytest.importorskip("franky", reason="franky-control has no wheel for this machine")
    told: list[tuple[list[float], list[float]]] = []
    follower = ImpedanceFollower(replace(CONFIG, feed_forward=0.5, error_clip_m=0.03), Robot(), period_s=0.05)
    follower._tracker = SimpleNamespace(
        set_target=lambda pose, twist: told.append((list(pose.translation), [*twist.linear, *twist.angular]))
    )
    follower.set_target(HERE, SEEN)
    further = replace(HERE, pose=(0.456, *HERE.pose[1:]))  # 6 mm in 60 ms
    follower.set_target(further, ArmSample(HERE.pose, 1.0))
    follower.set_target(further, ArmSample(HERE.pose, 1.05))
    follower.set_target(further, ArmSample(HERE.pose, 1.06))
    follower.set_target(None, ArmSample(HERE.pose, 1.08))
    assert [pose[0] for pose, _ in told] == pytest.approx([0.45, 0.45, 0.455, 0.456])
    assert [twist[0] for _, twist in told] == pytest.approx([0.0, 0.05, 0.05, 0.0])
    assert all(twist[1:] == pytest.approx([0.0] * 5) for _, twist in told)


def test_each_control_has_its_follower() -> None:
    kinds = {type(make_follower(replace(CONFIG, control=control), Robot(), 0.05)) for control in Control}
    assert len(kinds) == len(Control) == 3
    assert FrankyConfig().control == Control.IMPEDANCE


def test_a_control_is_a_parameter_like_any_other() -> None:
    flat = flatten(FrankyConfig(control=Control.VELOCITY))
    assert flat["control"] == "velocity"
    check_types(FrankyConfig, flat)
    assert unflatten(FrankyConfig, flat).control == Control.VELOCITY
    with pytest.raises(ValueError, match="control is 'force'; choose one of impedance, pose, velocity"):
        unflatten(FrankyConfig, {**flat, "control": "force"})


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"motion_dynamics": 0.3}, r"motion_dynamics is 0.3; it must lie within \(0, 0.2\]"),
        ({"motion_dynamics": 0.0}, "motion_dynamics"),
        ({"velocity_gain": 20.0}, r"velocity_gain is 20; it must lie within \(0, 15\]"),
        ({"velocity_limit_m": 1.5}, "velocity_limit_m"),
        ({"velocity_limit_rad": -1.0}, "velocity_limit_rad"),
        ({"velocity_limit_rad": math.nan}, "velocity_limit_rad"),
        ({"reset_dynamics": 0.3}, "reset_dynamics"),
        ({"reset_height": -0.1}, r"reset_height is -0.1; it must lie within \[0, 1\]"),
        ({"feed_forward": 1.1}, r"feed_forward is 1.1; it must lie within \[0, 1\]"),
        ({"feed_forward": math.nan}, "feed_forward"),
        ({"collision_force": 0.0}, "collision_force"),
        ({"error_clip_m": 0.0}, "error_clip_m is 0; it must lie within"),
        ({"home": (0.0,) * 6}, "home has 7 joint angles, got 6"),
        ({"hostname": ""}, "hostname is empty"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        replace(FrankyConfig(), **wrong)
