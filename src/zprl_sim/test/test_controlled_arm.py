"""The arm behind simulated controllers: each command as its real controller takes it."""

import math

import pytest

from zprl_core.observation import Pose
from zprl_sim.controlled_arm import ControlledArm
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.catalog import task_named


@pytest.fixture
def arm() -> ControlledArm:
    return ControlledArm(SimRobot(task_named("lift"), seed=1))


def passes(arm: ControlledArm, seconds: float) -> None:
    for _ in range(round(seconds / arm.period_s)):
        arm.step()


def test_positions_are_commanded_at_once(arm: ControlledArm) -> None:
    wanted = arm.robot.joint_positions[:7]
    wanted[0] += 0.1
    arm.command_positions(wanted.tolist())
    arm.step()
    assert arm.robot.data.ctrl[0] == pytest.approx(wanted[0])
    passes(arm, 1.0)
    assert arm.robot.joint_positions[:7] == pytest.approx(wanted, abs=5e-3)


def test_a_trajectory_is_followed_evenly_from_the_last_setpoint(arm: ControlledArm) -> None:
    start = arm.robot.data.ctrl[:7].copy()
    arm.command_trajectory([*(start + 0.1)], 0.1)
    setpoints = []
    for _ in range(12):
        arm.step()
        setpoints.append(arm.robot.data.ctrl[0] - start[0])
    assert setpoints == pytest.approx([0.01 * i for i in range(1, 11)] + [0.1, 0.1])


def test_a_pose_is_followed(arm: ControlledArm) -> None:
    arm.command_pose(Pose((0.5, 0.1, 0.2), 0.4))
    passes(arm, 2.0)
    seen = arm.robot.kinematics.pose(arm.robot.data)
    assert seen.position == pytest.approx((0.5, 0.1, 0.2), abs=3e-3) and seen.yaw == pytest.approx(0.4, abs=0.02)


def test_fingers_reach_their_goal_or_stall_at_what_they_hold(arm: ControlledArm) -> None:
    arm.command_gripper(0.0)
    assert not arm.gripper_reached
    passes(arm, 1.2)
    assert arm.gripper_reached and not arm.gripper_stalled
    arm.command_gripper(0.04)
    passes(arm, 1.2)
    x, y, _ = arm.robot.things()["cube"].position
    arm.command_pose(Pose((x, y, 0.15), 0.0))
    passes(arm, 2.0)
    arm.command_pose(Pose((x, y, 0.02), arm.robot.things()["cube"].yaw))
    passes(arm, 2.0)
    arm.command_gripper(0.0)
    passes(arm, 2.0)
    assert arm.gripper_stalled and arm.finger > 0.01


@pytest.mark.parametrize("positions", [[0.0] * 6, [math.nan] * 7])
def test_commands_that_do_not_fit_are_refused(arm: ControlledArm, positions: list[float]) -> None:
    for command in (arm.command_positions, lambda q: arm.command_trajectory(q, 0.1)):
        with pytest.raises(ValueError, match="finite joint positions"):
            command(positions)


def test_a_period_that_is_no_whole_number_of_physics_steps_is_refused(arm: ControlledArm) -> None:
    with pytest.raises(ValueError, match=r"multiple of 0\.0025 s"):
        ControlledArm(arm.robot, 0.003)
