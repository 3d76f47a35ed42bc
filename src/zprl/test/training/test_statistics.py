"""Wilson's interval against published values."""

import pytest

from zprl.training.statistics import SuccessRate


def test_wilson_interval_by_hand() -> None:
    # 8 of 10: centre (0.8 + 0.19207) / 1.38415 = 0.71674, half width 0.22659
    low, high = SuccessRate(8, 10).interval()
    assert (low, high) == pytest.approx((0.4902, 0.9433), abs=1e-4)


def test_the_ends_stay_inside() -> None:
    assert SuccessRate(0, 10).interval()[0] == 0.0
    assert SuccessRate(10, 10).interval()[1] == pytest.approx(1.0)
    assert SuccessRate(0, 0).interval() == (0.0, 1.0)


@pytest.mark.parametrize("episodes", range(1, 400))
def test_the_interval_holds_the_rate_although_it_is_rounded(episodes: int) -> None:
    for successes in (0, episodes):
        rate = SuccessRate(successes, episodes)
        low, high = rate.interval()
        assert 0.0 <= low <= rate.rate <= high <= 1.0


def test_more_successes_than_episodes_are_refused() -> None:
    with pytest.raises(ValueError):
        SuccessRate(3, 2)
