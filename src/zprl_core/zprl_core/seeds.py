"""Seeds of resets. Training and held-out resets have ranges of their own, so that they are disjoint for every run.

    from         below           resets
    0            1,000,000       training: seeds below 100, their first 10,000 episodes
    1,000,000    2,000,000       held-out: the same seeds and episodes
    2**31        2**32           training: later episodes, and seeds below 128; many environments take 32 bits only
    2**61        2**62           held-out: all others
    2**62        2**63           training: all others

Demonstrations use what is left below 2**31.
"""

from zprl_core.id_bounds import LAST_EPISODE

LAST_SEED = 2**31 - 1  # of a run
ROBOT_SEEDS = 10  # difference between the seeds of two robots of one run
HELD_OUT = 1_000_000  # first held-out reset of seed 0
HELD_OUT_COUNT = 1_000_000  # held-out resets that follow one another from HELD_OUT

_EPISODES, _SEEDS = 10_000, 100  # numbered as in the first version
_MIDDLE_SEEDS, _MIDDLE_EPISODES, _MIDDLE = 2**7, 2**24, 2**31
_LARGE_EPISODES, _LARGE_HELD_OUT, _LARGE_TRAINING = 2**30, 2**61, 2**62


def training_reset(seed: int, episode: int) -> int:
    """Return the seed of a training reset in the run `seed`; no other run or episode has it."""
    _check(seed, episode)
    if seed < _SEEDS and episode < _EPISODES:
        return seed * _EPISODES + episode
    if seed < _MIDDLE_SEEDS and episode < _MIDDLE_EPISODES:
        return _MIDDLE + seed * _MIDDLE_EPISODES + episode
    return _LARGE_TRAINING + seed * (LAST_EPISODE + 1) + episode


def held_out_reset(seed: int, episode: int) -> int:
    """Return the seed of a held-out reset, which training never uses. `zprl evaluate` uses those of seed 0.

    They repeat after 2**30 episodes.
    """
    _check(seed, episode)
    if seed < _SEEDS and episode < _EPISODES:
        return HELD_OUT + seed * _EPISODES + episode
    return _LARGE_HELD_OUT + seed * _LARGE_EPISODES + episode % _LARGE_EPISODES


def is_held_out(reset: int) -> bool:
    """Return whether no run trains on this reset."""
    return HELD_OUT <= reset < HELD_OUT + HELD_OUT_COUNT or _LARGE_HELD_OUT <= reset < _LARGE_TRAINING


def scene_seed(drawn: int) -> int:
    """Return a seed for a scene that is not held-out: `drawn`, below 2**31, or another one in its place."""
    return _MIDDLE + drawn - HELD_OUT if is_held_out(drawn) else drawn


def _check(seed: int, episode: int) -> None:
    if not (0 <= seed <= LAST_SEED and 0 <= episode <= LAST_EPISODE):
        raise ValueError(
            f"seed must be within [0, {LAST_SEED}] and episode within [0, {LAST_EPISODE}], got {seed} and {episode}"
        )
