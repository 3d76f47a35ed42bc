"""Play whole episodes in process: the shortest path from a pilot to a robot that can be stepped."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from zprl.rl.residual_policy import ResidualPolicy
from zprl_core.observation import Observation


@dataclass(frozen=True)
class Step:
    """What one control step brought."""

    observation: Observation
    reward: float
    terminated: bool
    truncated: bool

    @property
    def success(self) -> bool:
        """Whether the task was done; an episode that terminates without a reward failed."""
        return self.terminated and self.reward > 0.0


class Robot(Protocol):
    """A robot that waits for its next action: a simulator in lockstep."""

    def restart(self, seed: int) -> Observation: ...

    def apply(self, action: npt.NDArray[np.float32]) -> Step: ...


@dataclass(frozen=True)
class Episode:
    """How one episode went."""

    success: bool
    steps: int
    commands: npt.NDArray[np.float64] = field(repr=False)  # (n, D) commanded tool positions [m], or joints [rad]
    boundaries: npt.NDArray[np.int64] = field(repr=False)  # rows of `commands` that open a chunk


def play(robot: Robot, policy: ResidualPolicy, seed: int, number: int = 0) -> Episode:
    """One episode from reset `seed` to success or time limit. Transitions wait in `policy.take()`."""
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
