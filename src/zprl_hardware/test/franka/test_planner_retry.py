"""A motion whose planning failed is started again once."""

import pytest

from zprl_hardware.franka.planner_retry import PlannerRetry

FAILED = "Motion planner failed with error code {}"


def test_a_second_failure_soon_after_the_first_is_a_fault() -> None:
    retry = PlannerRetry()
    allowed = [retry.allows(FAILED.format(-110), now) for now in (100.0, 100.5, 109.9, 110.0, 120.0)]
    assert allowed == [True, False, False, True, True] and retry.count == 3


@pytest.mark.parametrize(
    "error",
    [FAILED.format(-100), FAILED.format(-1101), "libfranka: Move command aborted: motion aborted by reflex!", ""],
)
def test_no_other_error_is_repeated(error: str) -> None:
    retry = PlannerRetry()
    assert not retry.allows(error, 100.0) and retry.count == 0
    assert retry.allows(FAILED.format(-111) + ".", 100.0)
