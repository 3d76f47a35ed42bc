"""Records demonstrations of a Gymnasium environment with an expert written as a Python function."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from zprl.training.demos import Demos
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
) -> Demos:
    """Records until `episodes` demonstrations have succeeded, and discards the others.

    Actions outside the action space are clipped. Raises ValueError when hardly any episode succeeds.
    """
    rng = np.random.default_rng(seed)
    states: list[np.ndarray] = []
    actions: list[np.ndarray] = []
    ends: list[int] = []
    tried = 0
    while len(ends) < episodes:
        if tried >= TRIES * episodes:
            raise ValueError(f"{len(ends)} of {tried} demonstrations of {name} succeeded; improve the expert")
        tried += 1
        episode = _played(robot, expert, rng)
        if episode is None:
            continue
        states += episode[0]
        actions += episode[1]
        ends.append(len(states))
        progress(len(ends), tried)
    arrays = np.asarray(states), np.asarray(actions), np.asarray(ends, dtype=np.int64)
    return Demos(*arrays, name, seed, robot.streams.spec, robot.action)


def _played(
    robot: GymRobot, expert: Expert, rng: np.random.Generator
) -> tuple[list[np.ndarray], list[np.ndarray]] | None:
    """Returns states and actions of one episode; None if it did not succeed."""
    seen = robot.restart(scene_seed(int(rng.integers(2**31))))
    act = expert(robot.env, rng)
    states, actions = [], []
    while True:
        action = _scaled(robot, act(robot.seen))
        states.append(robot.streams.spec.state(seen))
        actions.append(action)
        step = robot.apply(action)
        seen = step.observation
        if step.terminated or step.truncated:
            return (states, actions) if step.success else None


def _scaled(robot: GymRobot, value: npt.ArrayLike) -> npt.NDArray[np.float32]:
    vector = robot.action.vector
    assert vector is not None
    number = np.asarray(value, dtype=np.float64)
    if number.shape != (vector.size,) or not np.all(np.isfinite(number)):
        raise ValueError(f"the expert's action must have shape ({vector.size},) and be finite, got {value!r}")
    return np.clip(vector.action(number), -1.0, 1.0)
