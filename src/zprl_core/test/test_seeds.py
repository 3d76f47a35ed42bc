"""Training and held-out resets of all seeds are disjoint, and small seeds keep the resets of earlier versions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zprl_core.id_bounds import LAST_EPISODE
from zprl_core.seeds import HELD_OUT, LAST_SEED, held_out_reset, is_held_out, scene_seed, training_reset

RUNS = st.integers(0, LAST_SEED) | st.integers(90, 140)
EPISODES = st.integers(0, LAST_EPISODE) | st.integers(9_990, 10_010) | st.integers(2**24 - 3, 2**24 + 3)


def test_small_seeds_keep_their_resets() -> None:
    assert [training_reset(seed, 7) for seed in (0, 1, 99)] == [7, 10_007, 990_007]
    assert [held_out_reset(seed, 7) for seed in (0, 1, 99)] == [HELD_OUT + 7, 1_010_007, 1_990_007]


@given(RUNS, EPISODES)
def test_a_run_never_trains_on_a_held_out_reset(seed: int, episode: int) -> None:
    assert not is_held_out(training_reset(seed, episode)) and is_held_out(held_out_reset(seed, episode))
    assert 0 <= training_reset(seed, episode) < 2**63 and held_out_reset(seed, episode) < 2**63


@given(RUNS, EPISODES, RUNS, EPISODES)
def test_two_training_resets_are_equal_only_if_run_and_episode_are(a: int, k: int, b: int, n: int) -> None:
    assert (training_reset(a, k) == training_reset(b, n)) == ((a, k) == (b, n))


def test_no_two_of_the_seeds_up_to_300_share_a_reset() -> None:
    episodes = (0, 1, 199, 9_999, 10_000, 10_001, 2**24 - 1, 2**24, LAST_EPISODE)
    trained = [training_reset(seed, episode) for seed in range(300) for episode in episodes]
    evaluated = [held_out_reset(seed, episode) for seed in range(300) for episode in (0, 1, 199, 9_999, 10_000)]
    assert len(set(trained)) == len(trained) and len(set(evaluated)) == len(evaluated)
    assert not set(trained) & set(evaluated)


def test_seeds_below_100_stay_within_32_bits() -> None:
    assert max(training_reset(99, episode) for episode in (0, 9_999, 10_000, 2**24 - 1)) < 2**32


@given(st.integers(0, 2**31 - 1) | st.integers(HELD_OUT - 5, 2 * HELD_OUT + 5))
def test_a_scene_drawn_at_random_is_not_held_out(drawn: int) -> None:
    assert not is_held_out(scene_seed(drawn))
    assert is_held_out(drawn) or scene_seed(drawn) == drawn


@pytest.mark.parametrize(("seed", "episode"), [(-1, 0), (LAST_SEED + 1, 0), (0, -1), (0, LAST_EPISODE + 1)])
def test_numbers_outside_their_bounds_are_refused(seed: int, episode: int) -> None:
    with pytest.raises(ValueError, match=f"got {seed} and {episode}"):
        training_reset(seed, episode)
