"""What the followers ask of franky, by numbers worked out by hand; and the configuration that chooses one."""

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from zprl.flat import flatten, unflatten
from zprl.safety.target import Target, quaternion
from zprl.typed import check_types
from zprl_bringup.arm_franky_config import Control, FrankyConfig
from zprl_bringup.arm_franky_follow import (
    BRAKE_MS,
    PoseFollower,
    VelocityFollower,
    follower_of,
    rotation_between,
    speed_towards,
)

CONFIG = FrankyConfig(velocity_gain=8.0, velocity_limit_m=0.5, velocity_limit_rad=2.0)
HERE = Target((0.45, 0.0, 0.2, 0.0, 0.0, 0.0), 0.08)
DOWN = (1.0, 0.0, 0.0, 0.0)


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


@pytest.mark.parametrize("yaw", [1e-12, 1e-4, 1.0, 3.0, -3.0])
def test_a_rotation_is_axis_times_angle_the_short_way(yaw: float) -> None:
    end = quaternion((0.0, 0.0, 0.0, 0.0, 0.0, yaw))
    assert rotation_between(DOWN, end) == pytest.approx([0.0, 0.0, yaw], rel=1e-9, abs=1e-15)
    other = (-end[0], -end[1], -end[2], -end[3])  # the same orientation
    assert rotation_between(DOWN, other) == pytest.approx([0.0, 0.0, yaw], rel=1e-9, abs=1e-15)


def test_a_rotation_brings_the_one_orientation_to_the_other() -> None:
    start, end = quaternion((0, 0, 0, 0.2, -0.3, 1.5)), quaternion((0, 0, 0, -0.1, 0.4, -0.7))
    turn = rotation_between(start, end)
    angle = float(np.linalg.norm(turn))
    (x, y, z), w = turn / angle * math.sin(angle / 2), math.cos(angle / 2)
    a, b, c, d = start
    product = (
        w * a + x * d + y * c - z * b,
        w * b - x * c + y * d + z * a,
        w * c + x * b - y * a + z * d,
        w * d - x * a - y * b - z * c,
    )
    assert abs(np.dot(product, end)) == pytest.approx(1.0)


class Robot:
    """Takes motions, and stays where it is."""

    def __init__(self) -> None:
        self.motions: list[Any] = []
        pose = SimpleNamespace(translation=np.array(HERE.pose[:3]), quaternion=np.array(DOWN))
        self.current_pose = SimpleNamespace(end_effector_pose=pose)

    def move(self, motion: Any, asynchronous: bool) -> None:
        assert asynchronous
        self.motions.append(motion)


def test_a_velocity_ends_in_rest_and_is_zero_when_nobody_tells_one() -> None:
    pytest.importorskip("franky", reason="franky-control has no wheel for this machine")
    robot = Robot()
    follower = VelocityFollower(CONFIG, robot)
    follower.tell(replace(HERE, pose=(0.46, *HERE.pose[1:])))
    follower.tell(HERE)  # too soon after the last one
    follower._next_s = 0.0
    follower.tell(None)
    assert len(robot.motions) == 2
    speeds = [[list(p.target.end_effector_twist.linear) for p in motion.waypoints] for motion in robot.motions]
    assert speeds[0] == [pytest.approx([0.08, 0.0, 0.0]), [0.0, 0.0, 0.0]] and speeds[1] == [[0.0, 0.0, 0.0]] * 2
    assert robot.motions[0].waypoints[0].hold_target_duration.to_msec() == BRAKE_MS
    assert robot.motions[0].relative_dynamics_factor.jerk == CONFIG.motion_dynamics


def test_a_pose_is_sent_once_and_stays_when_nobody_tells_one() -> None:
    pytest.importorskip("franky", reason="franky-control has no wheel for this machine")
    robot = Robot()
    follower = PoseFollower(CONFIG, robot)
    for target in (HERE, HERE, None, replace(HERE, width=0.0), replace(HERE, pose=(0.46, *HERE.pose[1:]))):
        follower.tell(target)
    assert len(robot.motions) == 2
    assert robot.motions[1].target.pose.end_effector_pose.translation == pytest.approx([0.46, 0.0, 0.2])
    assert robot.motions[1].relative_dynamics_factor.velocity == CONFIG.motion_dynamics


def test_each_control_has_its_follower() -> None:
    kinds = {type(follower_of(replace(CONFIG, control=control), Robot())) for control in Control}
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
        ({"motion_dynamics": 0.3}, r"motion_dynamics lies in \(0, 0.2\]"),
        ({"motion_dynamics": 0.0}, "motion_dynamics"),
        ({"velocity_gain": 20.0}, r"velocity_gain lies in \(0, 15\]"),
        ({"velocity_limit_m": 1.5}, "velocity_limit_m"),
        ({"velocity_limit_rad": -1.0}, "velocity_limit_rad"),
        ({"velocity_limit_rad": math.nan}, "velocity_limit_rad"),
        ({"reset_dynamics": 0.3}, "reset_dynamics"),
        ({"collision_force": 0.0}, "collision_force"),
        ({"error_clip_m": 0.0}, "error clips must be positive"),
        ({"home": (0.0,) * 6}, "home has 7 joint angles, got 6"),
        ({"hostname": ""}, "hostname is empty"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        replace(FrankyConfig(), **wrong)
