"""Records demonstrations of the scripted expert in the demonstration region, without mismatch."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from zprl.training.demo_recorder import DemoRecorder
from zprl.training.demos import Demos
from zprl.training.video import Codec
from zprl_core.latency import Latency
from zprl_core.obs import Obs
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
    obs: Obs = Obs.STATE,
    folder: Path | None = None,
    codec: Codec = Codec.H264,
) -> Demos:
    """Records until `episodes` demonstrations have succeeded, and discards the others.

    The quality of each is drawn uniformly from `quality`. Images are written as videos into `folder`. Raises
    ValueError when hardly any succeeds, RuntimeError when images cannot be rendered.
    """
    with (
        contextlib.closing(make_robot(task, latency, deployed=False, obs=obs)) as robot,
        DemoRecorder(robot.spec, task.action, folder, codec, robot.observed_cameras) as recorder,
    ):
        _record(robot, recorder, episodes, quality, seed, progress)
        return recorder.demos(task.name, seed)


def _record(
    robot: SimRobot,
    recorder: DemoRecorder,
    episodes: int,
    quality: tuple[float, float],
    seed: int,
    progress: Callable[[int, int], None],
) -> None:
    task, rng, tried = robot.task, np.random.default_rng(seed), 0
    while recorder.episodes < episodes:
        if tried >= 20 * episodes:
            raise ValueError(
                f"{recorder.episodes} of {tried} demonstrations of {task.name} succeeded; raise the quality"
            )
        tried += 1
        expert = Expert(task, rng.uniform(*quality), rng)
        seen = robot.reset(scene_seed(int(rng.integers(2**31))))
        while not (robot.success or robot.timed_out):
            objects = robot.observe_objects()
            action = task_action(robot, expert.act(objects), objects)
            recorder.add(seen, action)
            seen = robot.step_arms(task.action.targets(action, seen))
        if robot.success:
            recorder.keep()
            progress(recorder.episodes, tried)
        else:
            recorder.discard()
