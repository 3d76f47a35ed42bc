"""The sequential test keeps its error rates, and stops early when it can."""

import numpy as np
import pytest

from stop_rule import outcomes, simulate
from zprl.training.paired_test import PairedTest, Verdict, intervals, wealth

TEST = PairedTest()
EXPERIMENTS = 10_000
SHARED = 0.5  # share of the resets on which both policies have the same luck


@pytest.mark.parametrize("rate", [0.5, 0.9])
def test_equal_policies_are_called_different_at_most_as_often_as_stated(rate: float) -> None:
    found = simulate(rate, rate, SHARED, EXPERIMENTS, TEST).verdicts
    assert 0.0 < found[Verdict.A_BETTER] + found[Verdict.B_BETTER] <= TEST.alpha


def test_policies_that_differ_by_the_margin_are_called_close_at_most_as_often_as_stated() -> None:
    found = simulate(0.5, 0.7, SHARED, EXPERIMENTS, TEST).verdicts
    assert 0.0 < found[Verdict.CLOSE] <= TEST.beta
    assert found[Verdict.A_BETTER] <= 0.001 and found[Verdict.B_BETTER] > 0.9


def test_a_large_difference_needs_few_pairs() -> None:
    found = simulate(0.5, 0.9, SHARED, 1000, TEST)
    assert found.verdicts[Verdict.B_BETTER] > 0.99 and found.pairs < 30


def test_the_rule_stops_at_the_first_verdict() -> None:
    x = np.array([0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1])
    after = TEST.verdicts(x)
    stop = after.index(Verdict.B_BETTER)
    assert set(after[:stop]) == {Verdict.OPEN}
    assert not TEST.ended(x[:stop]) and TEST.ended(x[: stop + 1])
    assert TEST.verdict(np.concatenate([x, -np.ones(50, int)])) == Verdict.B_BETTER  # what came later does not count
    assert TEST.verdict(-x) == Verdict.A_BETTER


def test_without_an_end_the_comparison_stops_at_its_limit() -> None:
    test = PairedTest(max_pairs=4)
    assert not test.ended(np.array([1, -1, 1])) and test.ended(np.array([1, -1, 1, -1]))
    assert test.verdict(np.array([1, -1, 1, -1])) == Verdict.OPEN
    assert test.verdict(np.array([], int)) == Verdict.OPEN and not test.ended(np.array([], int))


def test_equal_results_are_close() -> None:
    assert TEST.verdict(np.zeros(40, int)) == Verdict.CLOSE


def test_the_wealth_is_a_martingale_where_the_mean_is_just_the_hypothesis() -> None:
    """Every mean of ten pairs of -1 and 1 with equal probability: the average wealth over all sequences is 1."""
    both = np.array(np.meshgrid(*[[-1, 1]] * 10)).reshape(10, -1).T
    assert np.allclose(wealth(both, 0.0).mean(0), 1.0)


def test_intervals_narrow_and_hold_the_difference_at_every_look() -> None:
    missed, ((a, b),) = 0, outcomes(0.5, 0.8, SHARED, 60, TEST.max_pairs, seed=1)
    for row in b.astype(int) - a:
        band = intervals(row)
        assert (np.diff(band[:, 0]) >= 0).all() and (np.diff(band[:, 1]) <= 0).all()
        missed += bool(((band[:, 0] > 0.3) | (band[:, 1] < 0.3)).any())
    assert missed <= 3  # 5 % of 60; betting misses less often
    assert band[-1, 1] - band[-1, 0] < 0.35


@pytest.mark.parametrize("wrong", [{"alpha": 0.0}, {"beta": 0.9}, {"margin": 0.0}, {"max_pairs": 0}])
def test_a_rule_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    (name,) = wrong
    with pytest.raises(ValueError, match=name):
        PairedTest(**wrong)  # type: ignore[arg-type]
