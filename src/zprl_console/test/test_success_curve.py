"""The success curve, with numbers worked out by hand."""

import pytest

from zprl_console.success_curve import MOST, WINDOW, chart, success_curve


def test_rate_and_interval_of_the_first_episodes() -> None:
    one, two = success_curve([True, False])
    # Wilson, z = 1.96: 1 of 1 is 1 / (1 + z^2) = 0.2065 to 1; 1 of 2 is 0.5 -+ z/2 * sqrt(1/8 + z^2/16) / (1 + z^2/2)
    assert (one.episode, one.rate, one.high) == (1, 1.0, 1.0) and one.low == pytest.approx(0.2065, abs=1e-4)
    assert (two.episode, two.rate) == (2, 0.5)
    assert (two.low, two.high) == pytest.approx((0.0945, 0.9055), abs=1e-4)


def test_a_point_is_the_rate_of_the_last_fifty() -> None:
    points = success_curve([False] * 30 + [True] * WINDOW)
    assert points[29].rate == 0.0 and points[54].rate == 25 / 50 and points[-1].rate == 1.0


def test_a_long_run_is_thinned_out_and_ends_with_the_newest() -> None:
    points = success_curve([True] * 10_007)
    assert len(points) <= MOST and points[-1].episode == 10_007 and points[0].episode >= 1
    assert success_curve([]) == ()


def test_the_band_is_stacked_on_its_lower_end() -> None:
    low, band, rate = chart(success_curve([True, False]))["series"]
    assert low["data"] == [[1, 20.65], [2, 9.45]] and band["data"] == [[1, 79.35], [2, 81.09]]
    assert rate["data"] == [[1, 100.0], [2, 50.0]] and low["stack"] == band["stack"]
