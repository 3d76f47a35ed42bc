"""A hand that opens and closes only: which width it is sent for what was wanted."""

import pytest

from zprl_bringup.arm_gripper import decided


@pytest.mark.parametrize(
    ("wanted", "before", "sent"),
    [
        (0.08, 0.0, 0.08),
        (0.062, 0.0, 0.08),  # clearly open
        (0.058, 0.0, 0.0),  # trembles: it stays as it was told
        (0.058, 0.08, 0.08),
        (0.022, 0.08, 0.08),
        (0.018, 0.08, 0.0),  # clearly closed
        (0.0, 0.08, 0.0),
        (0.04, 0.031, 0.031),  # what it held when it was connected it goes on holding
    ],
)
def test_it_opens_or_closes_when_that_is_clearly_wanted(wanted: float, before: float, sent: float) -> None:
    assert decided(wanted, before, opening=0.08) == sent


def test_it_opens_no_wider_than_it_may() -> None:
    assert decided(0.05, 0.0, opening=0.05) == 0.05  # all that the guard lets through of a wish for 0.08
    assert decided(0.014, 0.05, opening=0.05) == 0.05 and decided(0.012, 0.05, opening=0.05) == 0.0
