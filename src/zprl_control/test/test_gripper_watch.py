"""A gripper that takes long is explained; the waits and failures of a gripper do not stop an arm without need."""

import pytest

from zprl_control.gripper_watch import GripperWatch
from zprl_core.gripper_state import FOLLOWS, GripperMode, GripperState


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        (GripperMode.CONNECTING, "check its cable"),
        (GripperMode.HOMING, "check that its fingers are free"),
        (GripperMode.MOVING, "check that its fingers are free"),
    ],
)
def test_after_five_seconds_it_is_said_what_is_waited_for(mode: GripperMode, words: str) -> None:
    watch = GripperWatch()
    watch.look(FOLLOWS, 99.0)
    reasons = [watch.look(GripperState(mode), 100.0 + second).reason for second in range(8)]
    assert reasons[:5] == [""] * 5 and all("for more than 5 s" in why and words in why for why in reasons[5:])
    assert not watch.stop_reason(resets=True, newest=None)  # slow is not broken
    assert watch.look(FOLLOWS, 110.0) == FOLLOWS
    assert watch.look(GripperState(mode), 111.0).reason == ""  # counts anew


def test_the_driver_s_own_reason_is_kept() -> None:
    watch = GripperWatch()
    refused = GripperState(GripperMode.REFUSED, "it is stuck")
    assert [watch.look(refused, float(now)) for now in range(9)] == [refused] * 9
    assert watch.stop_reason(resets=True, newest=None) == "it is stuck"
