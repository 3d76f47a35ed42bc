"""A Gymnasium environment as a robot: seeds, success, failure, time limit."""

from typing import Any

import numpy as np
import pytest

from point_reach import PointReach
from zprl_sim.gymnasium_env.env_robot import GymRobot, succeeded
from zprl_sim.gymnasium_env.references import make_env

ENV = "point_reach:PointReach-v0"


def test_a_seed_gives_the_same_episode() -> None:
    first, second = GymRobot(make_env(ENV)), GymRobot(make_env(ENV))
    a, b = first.restart(7), second.restart(7)
    assert (a.stamp_ns, first.streams.spec.state(a).tolist()) == (b.stamp_ns, second.streams.spec.state(b).tolist())
    assert first.streams.spec.state(first.restart(8)).tolist() != second.streams.spec.state(b).tolist()


def test_an_environment_that_ignores_the_seed_is_noticed() -> None:
    robot = GymRobot(make_env(ENV))
    assert robot.repeatable
    reset = robot.env.reset
    robot.env.reset = lambda seed=None, options=None: reset()  # type: ignore[method-assign]
    assert not robot.repeatable


def test_a_step_takes_as_long_as_the_environment_says_and_leaves_earlier_observations_alone() -> None:
    robot = GymRobot(make_env(ENV))
    before = robot.restart(0)
    state = robot.streams.spec.state(before).tolist()
    after = robot.apply(np.float32([1.0, 1.0])).observation
    assert (before.stamp_ns, after.stamp_ns, robot.action.rate_hz) == (0, 100_000_000, 10.0)
    assert robot.streams.spec.state(before).tolist() == state != robot.streams.spec.state(after).tolist()


def test_success_ends_the_episode_with_reward_one() -> None:
    robot = GymRobot(make_env(ENV))
    robot.restart(0)
    point = robot.env.unwrapped
    assert isinstance(point, PointReach)
    point.target = point.point.copy()
    step = robot.apply(np.zeros(2, np.float32))
    assert (step.reward, step.terminated, step.truncated, step.success) == (1.0, True, False, True)


@pytest.mark.parametrize(("limit", "steps"), [(None, 40), (5, 5), (60, 60)])
def test_the_time_limit_truncates(limit: int | None, steps: int) -> None:
    robot = GymRobot(make_env(ENV, limit))
    robot.restart(0)
    point = robot.env.unwrapped
    assert isinstance(point, PointReach)
    point.target = np.where(point.point > 0, -1.0, 1.0).astype(np.float32)
    ends = [robot.apply(np.zeros(2, np.float32)) for _ in range(steps)]
    assert ends[-1].truncated and not any(step.truncated for step in ends[:-1])
    assert not any(step.terminated or step.reward for step in ends)


@pytest.mark.parametrize(
    ("reward", "terminated", "info", "success"),
    [
        (-1.0, False, {"is_success": np.float32(1.0)}, True),
        (5.0, True, {"success": 0.0}, False),
        (1.0, True, {}, True),
        (1.0, False, {}, False),
        (0.0, True, {}, False),
        (-1.0, True, {}, False),
    ],
)
def test_success_is_what_info_says_else_an_end_with_reward(
    reward: float, terminated: bool, info: dict[str, Any], success: bool
) -> None:
    assert succeeded(reward, terminated, info) is success


def test_a_failure_ends_the_episode_without_success() -> None:
    robot = GymRobot(make_env(ENV))
    robot.restart(0)
    seen, *_ = robot.env.step(np.zeros(2, np.float32))
    robot.env.step = lambda action: (seen, -5.0, True, True, {})  # type: ignore[method-assign]
    step = robot.apply(np.zeros(2, np.float32))
    assert (step.reward, step.terminated, step.truncated, step.success) == (0.0, True, False, False)


def test_a_picture_is_rendered_or_one_clear_error() -> None:
    robot = GymRobot(make_env(ENV, render_mode="rgb_array"))
    robot.restart(0)
    assert robot.render().shape == (16, 16, 3)
    robot.env.render = lambda: None  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="renders object"):
        robot.render()
