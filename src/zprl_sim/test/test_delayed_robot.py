"""The simulated robot at a real arm's pace."""

import math

import numpy as np
import pytest

from circle import circle_of
from zprl_core.action import ArmTarget
from zprl_core.latency import Latency
from zprl_core.observation import Observation, Pose
from zprl_sim.delayed_robot import PATIENCE, DelayedRobot
from zprl_sim.latency import make_robot
from zprl_sim.robot import SimRobot
from zprl_sim.settings import CONTROL_S
from zprl_sim.sim_arm import MAX_WIDTH, WORKSPACE
from zprl_sim.tasks.catalog import task_named

LIFT = task_named("lift")


def ahead(seen: Observation, metres: float, width: float = MAX_WIDTH) -> ArmTarget:
    x, y, z = seen.tool.position
    return ArmTarget(Pose((x, y + metres, z), 0.0), width)


def test_a_latency_is_a_robot() -> None:
    assert type(make_robot(LIFT, Latency.IDEAL)) is SimRobot
    robot = make_robot(LIFT, Latency.REAL, deployed=False, seed=3)
    assert type(robot) is DelayedRobot and not robot.deployed


def test_a_command_is_told_one_step_later_and_reached_in_the_end() -> None:
    robot = DelayedRobot(LIFT)
    start = robot.reset(0)
    target = ahead(start, 0.02)
    moved = [robot.step(target).tool.position[1] - start.tool.position[1] for _ in range(10)]
    assert abs(moved[0]) < 0.001 and moved[1] < 0.012
    assert moved[-1] == pytest.approx(0.02, abs=0.002)


def test_a_policy_that_hurries_goes_as_fast_as_the_arm_follows() -> None:
    """Each action asks for 2 cm more than where the tool is: 0.4 m/s if the arm were there at once."""
    speeds = {}
    for latency in Latency:
        robot = make_robot(LIFT, latency)
        seen = robot.reset(0)
        places = [(seen := robot.step(ahead(seen, 0.02))).tool.position[1] for _ in range(10)]
        speeds[latency] = (places[-1] - places[4]) / (5 * CONTROL_S)
    assert speeds[Latency.IDEAL] > 0.25 and 0.08 < speeds[Latency.REAL] < 0.2


def test_it_lags_a_circle_as_the_real_driver_does() -> None:
    """`benchmarks/tracking.py` measures 0.11 s through the real driver."""
    tracked = circle_of(DelayedRobot(LIFT), radius=0.03, turn_s=3.0, turns=2)
    lag, left = tracked.lag
    assert 0.09 <= lag <= 0.13 and left < 0.003


def test_joints_are_followed_as_late_and_through_the_guards() -> None:
    """Asked for 0.4 rad at once, joint 1 goes with 1 rad/s at most, from one step later on; then the tool goes on."""
    robot = DelayedRobot(LIFT)
    robot.reset(0)
    start = robot.joint_positions[:7]
    goal = (start[0] + 0.4, *start[1:].tolist())
    first = []
    for _ in range(30):
        robot.step(ArmTarget(None, MAX_WIDTH, goal))
        first.append(robot.joint_positions[0])
    assert abs(first[0] - start[0]) < 0.003 and max(np.diff(first)) < 0.06
    assert first[-1] == pytest.approx(goal[0], abs=0.005)
    seen = robot.observe()
    tool = ahead(seen, -0.02)
    for _ in range(15):
        seen = robot.step(tool)
    assert seen.tool.position == pytest.approx(tool.pose.position, abs=0.003)


def test_fingers_take_their_time() -> None:
    robot = DelayedRobot(LIFT)
    seen = robot.reset(0)
    widths = [(seen := robot.step(ahead(seen, 0.0, 0.0))).width for _ in range(20)]
    assert widths[0] == pytest.approx(MAX_WIDTH, abs=0.002)  # it is not told yet
    assert 0.03 < widths[8] < 0.055  # 8 cm at 10 cm/s
    assert widths[-1] < 0.01


def test_the_guards_keep_it_in_the_workspace() -> None:
    robot = DelayedRobot(LIFT)
    seen = robot.reset(0)
    for _ in range(80):
        seen = robot.step(ahead(seen, 0.02))
    assert seen.tool.position[1] == pytest.approx(WORKSPACE[1][1], abs=0.005)


def test_an_episode_may_take_longer() -> None:
    robot = DelayedRobot(LIFT)
    robot.steps = LIFT.time_limit
    assert not robot.timed_out
    robot.steps = round(PATIENCE * LIFT.time_limit)
    assert robot.timed_out


def test_a_reset_forgets_the_last_command() -> None:
    robot = DelayedRobot(LIFT)
    seen = robot.reset(5)
    robot.step(ahead(seen, 0.1, 0.0))
    first = robot.reset(5)
    after = robot.step(ahead(first, 0.0))
    assert math.dist(after.tool.position, first.tool.position) < 0.001
    assert np.array_equal(LIFT.observation.state(first), LIFT.observation.state(seen))
