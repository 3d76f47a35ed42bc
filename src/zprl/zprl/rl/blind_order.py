"""The order in which two policies, A and B, play the episodes of a blind comparison.

Two episodes are a pair, which has one reset. Either policy plays first with probability one half, so that what drifts
during the comparison favors neither, and who labels the episodes cannot know which one plays.
"""

import numpy as np

EPISODES_PER_PAIR = 2


def pair_of(episode: int) -> int:
    """Return the number of the pair that an episode belongs to."""
    return episode // EPISODES_PER_PAIR


def plays_b(seed: int, episode: int) -> bool:
    """Return True if B plays this episode, and False if A does. The numbers of episodes begin at 0."""
    b_first = bool(np.random.default_rng((seed, pair_of(episode))).integers(2))
    return b_first == (episode % EPISODES_PER_PAIR == 0)
