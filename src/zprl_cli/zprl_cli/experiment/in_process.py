"""Plays the pairs of a comparison in process, in simulation."""

from collections.abc import Callable

from zprl.rl.blind_order import EPISODES_PER_PAIR, pair_of, plays_b
from zprl.rl.residual_policy import ResidualPolicy
from zprl.training.paired_test import PairedTest
from zprl.training.rollout import Robot, play
from zprl_cli.experiment.pairs import Pairs, Played
from zprl_core.seeds import held_out_reset


def play_pairs(
    robot: Robot,
    a: ResidualPolicy,
    b: ResidualPolicy,
    pairs: Pairs,
    seed: int,
    test: PairedTest,
    progress: Callable[[], None] = lambda: None,
) -> None:
    """Play pair after pair until the test stops. Resets are held-out; each pair has its own, and its own noise."""
    while not test.ended(pairs.differences):
        first = pairs.next_episode
        for episode in range(first, first + EPISODES_PER_PAIR):
            policy = b if plays_b(seed, episode) else a
            policy.reseed(seed, episode)
            played = play(robot, policy, held_out_reset(seed, pair_of(episode)), episode)
            policy.take()
            pairs.add(Played(episode, played.success))
        progress()
