"""Records demonstrations of the scripted expert in the demonstration region, without mismatch."""

import contextlib
from collections.abc import Callable

import numpy as np

from zprl.training.demos import Demos
from zprl_core.latency import Latency
from zprl_core.seeds import scene_seed
from zprl_sim.demos.expert import Expert
from zprl_sim.demos.task_action import task_action
from zprl_sim.latency import make_robot
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.task import Task


def record(
    task: Task,
    episodes: int,
    quality: tuple[float, float] = (0.0, 1.0),
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda kept, tried: None,
    latency: Latency = Latency.IDEAL,
) -> Demos:
    """Records until `episodes` demonstrations have succeeded, and discards the others.

    The quality of each is drawn uniformly from `quality`. Raises ValueError when hardly any succeeds.
    """
    with contextlib.closing(make_robot(task, latency, deployed=False)) as robot:
        return _recorded(robot, episodes, quality, seed, progress)


def _recorded(
    robot: SimRobot, episodes: int, quality: tuple[float, float], seed: int, progress: Callable[[int, int], None]
) -> Demos:
    task, rng, spec = robot.task, np.random.default_rng(seed), robot.task.action
    states: list[np.ndarray] = []
    actions: list[np.ndarray] = []
    ends: list[int] = []
    tried = 0
    while len(ends) < episodes:
        if tried >= 20 * episodes:
            raise ValueError(f"{len(ends)} of {tried} demonstrations of {task.name} succeeded; raise the quality")
        tried += 1
        expert = Expert(task, rng.uniform(*quality), rng)
        seen = robot.reset(scene_seed(int(rng.integers(2**31))))
        start = len(states)
        while not (robot.success or robot.timed_out):
            action = task_action(robot, expert.act(seen), seen)
            states.append(task.observation.state(seen))
            actions.append(action)
            seen = robot.step_arms(spec.targets(action, seen))
        if robot.success:
            ends.append(len(states))
            progress(len(ends), tried)
        else:
            del states[start:], actions[start:]
    arrays = np.asarray(states), np.asarray(actions), np.asarray(ends, dtype=np.int64)
    return Demos(*arrays, task.name, seed, task.observation, task.action)
