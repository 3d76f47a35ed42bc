"""When the episodes have shown a success rate: by hand, and how often the test is wrong, by simulation."""

import math

import numpy as np
import pytest

from zprl.delivery.episode_statistics import EpisodeStatistics
from zprl.delivery.reliability_test import ALPHA, HIGHEST_RATE, ReliabilityTest


def episodes_until_passed(successes: np.ndarray, rate: float) -> int | None:
    test = ReliabilityTest(rate)
    for number, success in enumerate(successes.tolist(), 1):
        test.add(success)
        if test.passed:
            return number
    return None


def test_the_wealth_of_a_few_episodes_by_hand() -> None:
    test = ReliabilityTest(0.6, alpha=0.2)
    assert test._log_wealth == 0.0
    test.add(True)  # the estimate (0 + 1)/(0 + 2) is below 0.6: no bet
    assert test._log_wealth == 0.0
    test.add(True)  # (1 + 1)/(1 + 2) = 2/3
    test.add(True)  # 3/4
    assert math.exp(test._log_wealth) == pytest.approx(2 / 3 / 0.6 * 3 / 4 / 0.6)
    test.add(False)  # 4/5
    assert math.exp(test._log_wealth) == pytest.approx(2 / 3 / 0.6 * 3 / 4 / 0.6 * 0.2 / 0.4)
    assert not test.passed


@pytest.mark.parametrize("rate", [0.5, 0.9, 0.95, HIGHEST_RATE])
def test_as_many_successes_as_it_says_pass_it(rate: float) -> None:
    rng, test = np.random.default_rng(0), ReliabilityTest(rate)
    for success in (rng.random(200) < rate).tolist():
        test.add(success)
    missing = test.missing
    for _ in range(missing - 1):
        test.add(True)
    assert not test.passed and test.missing == 1
    test.add(True)
    assert test.passed and test.missing == 0
    test.add(False)
    assert test.passed  # what was shown stays shown


def test_a_policy_that_is_never_better_passes_as_rarely_as_stated() -> None:
    """It improves to just the rate that is tested, the worst case; 1000 experiments of 1000 episodes."""
    rng, rate = np.random.default_rng(1), 0.8
    probability = np.minimum(rate, 0.4 + 0.4 * np.arange(1000) / 200)
    passed = [episodes_until_passed(rng.random(1000) < probability, rate) is not None for _ in range(1000)]
    assert np.mean(passed) <= ALPHA + 3 * math.sqrt(ALPHA * (1 - ALPHA) / 1000)


def test_a_reliable_policy_passes_in_a_few_hundred_episodes() -> None:
    rng = np.random.default_rng(2)
    probability = np.where(np.arange(1200) < 200, 0.5, 0.99)
    counts = [episodes_until_passed(rng.random(1200) < probability, 0.95) for _ in range(50)]
    assert all(count is not None and count > 200 for count in counts)
    assert 300 < float(np.median(np.array(counts, dtype=float))) < 500


@pytest.mark.parametrize(("rate", "alpha"), [(0.0, 0.05), (0.99, 0.05), (1.0, 0.05), (0.9, 0.0), (0.9, 1.0)])
def test_what_cannot_be_tested_is_refused(rate: float, alpha: float) -> None:
    with pytest.raises(ValueError, match=r"a success rate of at most 0\.98 can be tested"):
        ReliabilityTest(rate, alpha)


def test_only_the_policys_own_successes_count() -> None:
    helped, alone = EpisodeStatistics(0.5), EpisodeStatistics(0.5)
    for episode in range(30):
        helped.step("a", episode, 4, 1.0, True, False, intervention=True)
        alone.step("a", episode, 4, 1.0, True, False)
    assert alone.reliable and alone.successes_needed == 0
    assert not helped.reliable and helped.successes_needed > 0
    untested = EpisodeStatistics()
    assert not untested.reliable and untested.successes_needed == 0
