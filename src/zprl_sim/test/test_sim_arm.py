"""One simulated arm: joints that it may be sent to, and where its tool is then."""

import math

import numpy as np
import pytest

from zprl_core.action import ArmTarget
from zprl_core.arm_model import FR3
from zprl_core.observation import Pose
from zprl_hardware.franka.kinematics import tool_at
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.catalog import task_named

Joints = tuple[float, ...]


@pytest.fixture
def robot() -> SimRobot:
    robot = SimRobot(task_named("lift"))
    robot.reset(0)
    return robot


def now(robot: SimRobot) -> Joints:
    return tuple(robot.joint_positions[:7].tolist())


def moved(joints: Joints, **by: float) -> Joints:
    return tuple(q + by.get(f"q{number}", 0.0) for number, q in enumerate(joints, start=1))


def test_the_tool_of_joints_is_where_the_fr3s_kinematics_put_it(robot: SimRobot) -> None:
    rng = np.random.default_rng(0)
    for joints in (FR3.home, *map(tuple, rng.uniform(FR3.joint_low, FR3.joint_high, (20, 7)).tolist())):
        found, expected = robot.arm.tool_at(joints), tool_at(joints)
        assert found[:3] == pytest.approx(expected[:3], abs=1e-5)
        assert Pose(found[:3], found[5], found[3], found[4]).matrix == pytest.approx(
            Pose(expected[:3], expected[5], expected[3], expected[4]).matrix, abs=1e-5
        )


def test_the_tool_of_a_turned_arm_is_in_its_own_base_frame() -> None:
    robot = SimRobot(task_named("two_arm_lift"))
    robot.reset(0)
    for arm in robot.arms:
        joints = tuple(arm.positions(robot.data)[:7].tolist())
        assert arm.tool_at(joints)[:3] == pytest.approx(arm.mount.in_base(arm.pose(robot.data)).position, abs=1e-9)


def test_joints_are_reached(robot: SimRobot) -> None:
    goal = moved(now(robot), q1=0.2, q4=-0.1, q7=0.4)
    for _ in range(12):
        robot.step(ArmTarget(None, 0.04, goal))
    assert now(robot) == pytest.approx(goal, abs=0.01) and robot.width == pytest.approx(0.04, abs=1e-3)


def test_joints_that_are_far_or_near_their_ends_are_clipped_and_named(robot: SimRobot) -> None:
    """0.25 rad are a step's way. Joint 7 ends at 3.0159 rad, the margin is 0.1."""
    here = now(robot)
    goal, why = robot.arm.allowed(robot.data, moved(here, q7=0.3))
    assert goal == pytest.approx(moved(here, q7=0.25)) and why == "joint 7 too far ahead of its measured angle"
    goal, why = robot.arm.allowed(robot.data, (*here[:6], 5.0))
    assert "joint 7 too close to its limit; joint 7 too far" in why
    assert robot.arm.allowed(robot.data, moved(here, q1=0.1)) == (pytest.approx(moved(here, q1=0.1)), "")


def test_joints_do_not_lead_the_tool_out_of_the_workspace(robot: SimRobot) -> None:
    """Joint 2 lowers the tool, and may raise it again."""
    for _ in range(60):
        goal, why = robot.arm.allowed(robot.data, moved(now(robot), q2=0.05))
        robot.step(ArmTarget(None, 0.08, goal))
    assert "z would be" in why or "pitch would be" in why
    low = robot.arm.pose(robot.data).position[2]
    assert low > 0.005
    for _ in range(20):
        robot.step(ArmTarget(None, 0.08, moved(now(robot), q2=-0.05)))
    assert robot.arm.pose(robot.data).position[2] > low + 0.05


def test_a_width_that_is_no_number_leaves_the_gripper_as_it_is(robot: SimRobot) -> None:
    for width in (0.03, *[math.nan] * 10):
        robot.step(ArmTarget(robot.observe().tool, width))
    assert robot.width == pytest.approx(0.03, abs=2e-3)
