"""An arm that stands still."""

from dataclasses import replace

from fake_arm import HERE, JOINTS, STILL
from zprl_control.driver import ArmState
from zprl_hardware.franka.standstill import STILL_LOOKS, Standstill

STANDS = ArmState(0.0, JOINTS, (0.0,) * 7, HERE, STILL, STILL, 0.08, "")


def test_it_stands_after_reads_in_a_row_without_motion() -> None:
    still = Standstill()
    assert [still.seen(STANDS) for _ in range(STILL_LOOKS)] == [False] * (STILL_LOOKS - 1) + [True]


def test_any_motion_and_a_lost_arm_start_the_count_again() -> None:
    swings = replace(STANDS, joint_velocities=(0.0,) * 6 + (0.006,))
    moves = replace(STANDS, twist=(0.002, 0.002, 0.0, 0.0, 0.0, 0.0))
    for state in (swings, moves, None):
        still = Standstill()
        assert not any(still.seen(each) for each in [STANDS] * (STILL_LOOKS - 1) + [state])
        assert not any(still.seen(STANDS) for _ in range(STILL_LOOKS - 1)) and still.seen(STANDS)
