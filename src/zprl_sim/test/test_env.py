"""The Gymnasium environment."""

import warnings

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from own_tasks import own_tasks
from zprl_sim import rendering
from zprl_sim.demos.expert import Expert
from zprl_sim.env import ArmEnv
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.catalog import task_named
from zprl_sim.tasks.task import Task

LIFT = task_named("lift")


@pytest.mark.parametrize("task", own_tasks(), ids=lambda task: task.name)
def test_gymnasium_accepts_it(task: Task) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # an observation space without bounds is meant
        check_env(ArmEnv(task), skip_render_check=True)


def test_success_ends_the_episode_with_reward_one() -> None:
    env = ArmEnv(LIFT, deployed=False)
    state, info = env.reset(seed=0)
    expert, total, terminated, truncated = Expert(LIFT, 1.0, np.random.default_rng(0)), 0.0, False, False
    while not (terminated or truncated):
        state, reward, terminated, truncated, info = env.step(expert.act(info["observation"]))
        total += reward
    assert (total, terminated, truncated, info["success"]) == (1.0, True, False, True)
    assert np.array_equal(state, LIFT.observation.state(info["observation"]))


def test_the_time_limit_truncates() -> None:
    env = ArmEnv(LIFT)
    env.reset(seed=0)
    ends = [env.step(np.zeros(5, np.float32))[2:4] for _ in range(LIFT.time_limit)]
    assert ends[-1] == (False, True)
    assert not any(truncated for _, truncated in ends[:-1])


def test_a_nan_is_refused() -> None:
    env = ArmEnv(LIFT)
    env.reset(seed=0)
    with pytest.raises(ValueError, match="not finite"):
        env.step(np.array([0, 0, np.nan, 0, 0], np.float32))


@pytest.mark.parametrize("camera", ["front", "wrist"])
def test_a_picture_shows_something(camera: str) -> None:
    robot = SimRobot(LIFT)
    try:
        picture = robot.render(camera, 64, 48)
    except RuntimeError as error:
        pytest.skip(str(error))
    finally:
        robot.close()
    assert picture.shape == (48, 64, 3)
    assert picture.dtype == np.uint8
    assert picture.std() > 5


def test_no_egl_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise AttributeError("'NoneType' object has no attribute 'eglQueryString'")

    monkeypatch.setattr(rendering.mujoco, "Renderer", broken)
    with pytest.raises(RuntimeError, match=r"with EGL .*apt install libegl1") as error:
        SimRobot(LIFT).render()
    assert "\n" not in str(error.value)
