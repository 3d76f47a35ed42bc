"""Measures the success rate over held-out episodes, with confidence interval and seeds."""

from collections.abc import Callable
from dataclasses import dataclass

from zprl.rl.residual_policy import ResidualPolicy
from zprl.training.rollout import Episode, Robot, play
from zprl.training.smoothness import Smoothness, smoothness
from zprl.training.statistics import SuccessRate
from zprl_core.seeds import HELD_OUT


@dataclass(frozen=True)
class Evaluation:
    """The result of an evaluation whose seeds start at `first_seed`."""

    success: SuccessRate
    first_seed: int
    mean_steps: float
    smoothness: Smoothness


def evaluate(
    robot: Robot,
    policy: ResidualPolicy,
    episodes: int = 200,
    first_seed: int = HELD_OUT,
    progress: Callable[[SuccessRate], None] = lambda rate: None,
) -> Evaluation:
    """Plays `episodes` episodes with seeds first_seed, first_seed + 1, ... in the policy's mode."""
    played: list[Episode] = []
    for k in range(episodes):
        played.append(play(robot, policy, first_seed + k, k))
        policy.take()
        progress(SuccessRate(sum(e.success for e in played), len(played)))
    return Evaluation(
        SuccessRate(sum(e.success for e in played), episodes),
        first_seed,
        sum(e.steps for e in played) / episodes,
        smoothness(played),
    )
