"""Demonstrations of an environment by a function."""

from pathlib import Path

import numpy as np
import pytest

import point_reach
from zprl.training.video import Codec
from zprl_core.seeds import scene_seed
from zprl_sim.gymnasium_env.env_robot import GymRobot
from zprl_sim.gymnasium_env.recorder import record
from zprl_sim.gymnasium_env.references import make_env


@pytest.fixture
def robot() -> GymRobot:
    return GymRobot(make_env("point_reach:PointReach-v0"))


def test_only_episodes_that_succeed_are_kept(robot: GymRobot) -> None:
    counts: list[tuple[int, int]] = []
    demos = record(robot, point_reach.expert, 8, "reach", 3, lambda *count: counts.append(count))
    kept, tried = counts[-1]
    assert kept == len(demos.episode_ends) == 8 < tried and demos.task == "reach"
    last = demos.episode_ends - 1
    step = demos.action.vector.value(demos.actions[last[0]])  # type: ignore[union-attr]
    point, target = demos.observations[last[0], :2], demos.observations[last[0], 2:]
    assert np.linalg.norm(target - point - step) < point_reach.NEAR
    again = record(robot, point_reach.expert, 8, "reach", 3)
    assert np.array_equal(again.observations, demos.observations) and np.array_equal(again.actions, demos.actions)


def test_images_of_an_environment_are_kept(tmp_path: Path) -> None:
    robot = GymRobot(make_env("point_reach:lab/PointSee-v0"))
    demos = record(robot, point_reach.expert, 2, "reach", folder=tmp_path, codec=Codec.FFV1)
    (stream,) = robot.streams.spec.images
    assert demos.images[stream.name].shape == (len(demos.actions), *stream.shape)
    first = robot.restart(scene_seed(int(np.random.default_rng(0).integers(2**31)))).samples[stream.name]
    assert any(np.array_equal(first, frame) for frame in demos.images[stream.name])


def test_an_action_beyond_the_bounds_is_clipped(robot: GymRobot) -> None:
    demos = record(robot, lambda env, rng: lambda seen: 9.0 * (seen["target"] - seen["point"]), 2, "reach")
    assert np.abs(demos.actions).max() == 1.0


def test_a_hopeless_expert_is_refused(robot: GymRobot) -> None:
    with pytest.raises(ValueError, match=r"\d of 40 demonstrations of reach succeeded; improve the expert"):
        record(robot, point_reach.hopeless, 2, "reach")


@pytest.mark.parametrize("wrong", [np.zeros(3), [0.0, np.nan], 0.0, None], ids=str)
def test_an_action_of_another_shape_is_refused(robot: GymRobot, wrong: object) -> None:
    with pytest.raises(ValueError, match=r"the expert's action must have shape \(2,\) and be finite"):
        record(robot, lambda env, rng: lambda seen: wrong, 1, "reach")  # type: ignore[arg-type, return-value]
