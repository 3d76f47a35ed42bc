"""Plays whole episodes in process, on a robot that is stepped."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from zprl.rl.residual_policy import ResidualPolicy
from zprl_core.observation import Observation


@dataclass(frozen=True)
class Step:
    """The result of one control step."""

    observation: Observation
    reward: float
    terminated: bool
    truncated: bool

    @property
    def success(self) -> bool:
        """True if the task succeeded; an episode that terminates without a reward has failed."""
        return self.terminated and self.reward > 0.0


class Robot(Protocol):
    """A robot that waits for its next action, such as a simulator in lockstep."""

    def restart(self, seed: int) -> Observation: ...

    def apply(self, action: npt.NDArray[np.float32]) -> Step: ...


@dataclass(frozen=True)
class Episode:
    """The result of one episode."""

    success: bool
    steps: int
    commands: npt.NDArray[np.float64] = field(repr=False)  # (n, D) commanded tool positions [m] or joint angles [rad]
    boundaries: npt.NDArray[np.int64] = field(repr=False)  # rows of `commands` where a chunk begins


def play(robot: Robot, policy: ResidualPolicy, seed: int, number: int = 0) -> Episode:
    """Plays one episode from reset `seed` to success or time limit. Its transitions are returned by `policy.take()`."""
    observation, spec = robot.restart(seed), policy.base.config.action
    policy.start(number)
    commands: list[npt.NDArray[np.float64]] = []
    boundaries: list[int] = []
    while True:
        if policy.at_boundary:
            boundaries.append(len(commands))
        action = policy.act(observation)
        commands.append(spec.commanded(action, observation))
        step = robot.apply(action)
        observation = step.observation
        if step.terminated or step.truncated:
            policy.finish(observation, step.reward, step.terminated, step.truncated)
            return Episode(step.success, len(commands), np.asarray(commands), np.asarray(boundaries))
