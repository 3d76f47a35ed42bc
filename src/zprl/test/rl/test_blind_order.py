"""The order of a blind comparison."""

from itertools import pairwise

from zprl.rl.blind_order import pair_of, plays_b


def test_both_policies_play_each_pair() -> None:
    for pair in range(200):
        assert {plays_b(3, 2 * pair), plays_b(3, 2 * pair + 1)} == {True, False}
        assert pair_of(2 * pair) == pair_of(2 * pair + 1) == pair


def test_either_policy_plays_first_about_as_often_and_not_by_turns() -> None:
    first = [plays_b(0, 2 * pair) for pair in range(1000)]
    assert 450 < sum(first) < 550
    repeats = sum(one == two for one, two in pairwise(first))
    assert 440 < repeats < 560


def test_the_order_follows_from_the_seed() -> None:
    assert [plays_b(7, k) for k in range(100)] == [plays_b(7, k) for k in range(100)]
    assert [plays_b(7, k) for k in range(100)] != [plays_b(8, k) for k in range(100)]
