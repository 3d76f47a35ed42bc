"""A block that leans, and a hand that leans with it."""

import numpy as np
import pytest

from zprl_core.action import ArmTarget
from zprl_core.observation import Pose
from zprl_sim.demos.expert import Expert
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.lift_leaning import GRIP, HEIGHT, LEAN, LIFT, along
from zprl_sim.tasks.lift_leaning import LIFT_LEANING as TASK
from zprl_sim.tasks.waypoints import pick


@pytest.mark.parametrize("seed", range(4))
def test_a_perfect_expert_lifts_it_with_a_hand_that_leans(seed: int) -> None:
    robot = SimRobot(TASK, deployed=False)
    seen, expert = robot.reset(seed), Expert(TASK, 1.0, np.random.default_rng(seed))
    while not (robot.success or robot.timed_out):
        seen = robot.step(TASK.action.target(expert.act(seen), seen))
    assert robot.success and seen.pose("block").position[2] > HEIGHT + LIFT
    assert seen.tool.roll == pytest.approx(LEAN, abs=0.15)


def test_a_hand_that_points_down_fails() -> None:
    lifted = 0
    for seed in range(8):
        robot = SimRobot(TASK, deployed=False)
        block = robot.reset(seed).pose("block")
        for waypoint in pick(Pose(along(block, GRIP).position, block.yaw), LIFT + 0.04):
            for _ in range(15):
                robot.step(ArmTarget(waypoint.tool, 0.08 if waypoint.open else 0.0))
        lifted += robot.success
    assert lifted < 4


def test_the_tool_is_over_the_middle_of_the_leaning_block() -> None:
    tool = along(Pose((0.5, 0.0, HEIGHT), np.pi / 2), 0.1)
    assert tool.position == pytest.approx((0.5 + 0.1 * np.sin(LEAN), 0.0, HEIGHT + 0.1 * np.cos(LEAN)))
    assert (tool.yaw, tool.roll) == (np.pi / 2, LEAN)
