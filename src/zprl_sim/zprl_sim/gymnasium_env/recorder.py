"""Records demonstrations of a Gymnasium environment with an expert written as a Python function."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from zprl.training.demo_recorder import DemoRecorder
from zprl.training.demos import Demos
from zprl.training.video import Codec
from zprl_core.seeds import scene_seed
from zprl_sim.gymnasium_env.env_robot import GymRobot
from zprl_sim.gymnasium_env.references import Env

TRIES = 20  # largest number of episodes per demonstration
Act = Callable[[Any], npt.ArrayLike]
"""Maps an observation to an action, both in the environment's own format."""
Expert = Callable[[Env, np.random.Generator], Act]
"""Called once after each reset; draws imperfections from the generator."""


def record(
    robot: GymRobot,
    expert: Expert,
    episodes: int,
    name: str,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda kept, tried: None,
    folder: Path | None = None,
    codec: Codec = Codec.H264,
) -> Demos:
    """Records until `episodes` demonstrations have succeeded, and discards the others.

    Actions outside the action space are clipped. Images are written as videos into `folder`. Raises ValueError when
    hardly any episode succeeds.
    """
    with DemoRecorder(robot.streams.spec, robot.action, folder, codec) as recorder:
        rng, tried = np.random.default_rng(seed), 0
        while recorder.episodes < episodes:
            if tried >= TRIES * episodes:
                raise ValueError(
                    f"{recorder.episodes} of {tried} demonstrations of {name} succeeded; improve the expert"
                )
            tried += 1
            if _played(robot, expert, rng, recorder):
                recorder.keep()
                progress(recorder.episodes, tried)
            else:
                recorder.discard()
        return recorder.demos(name, seed)


def _played(robot: GymRobot, expert: Expert, rng: np.random.Generator, recorder: DemoRecorder) -> bool:
    """Records one episode. Returns True if it succeeded."""
    seen = robot.restart(scene_seed(int(rng.integers(2**31))))
    act = expert(robot.env, rng)
    while True:
        action = _scaled(robot, act(robot.seen))
        recorder.add(seen, action)
        step = robot.apply(action)
        seen = step.observation
        if step.terminated or step.truncated:
            return step.success


def _scaled(robot: GymRobot, value: npt.ArrayLike) -> npt.NDArray[np.float32]:
    vector = robot.action.vector
    assert vector is not None
    number = np.asarray(value, dtype=np.float64)
    if number.shape != (vector.size,) or not np.all(np.isfinite(number)):
        raise ValueError(f"the expert's action must have shape ({vector.size},) and be finite, got {value!r}")
    return np.clip(vector.action(number), -1.0, 1.0)
