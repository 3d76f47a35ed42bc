"""Where arms stand."""

import math

import pytest

from zprl_core.observation import Pose
from zprl_sim.tasks.mount import ArmMount

ONLY, RIGHT = ArmMount(), ArmMount("right", x=1.2, y=0.1, turned=True)
POSE = Pose((0.4, -0.2, 0.1), 0.3, 0.1, -0.2)


def test_the_only_arm_is_the_frame() -> None:
    assert ONLY.in_scene(POSE) == POSE == ONLY.in_base(POSE)
    assert ONLY.topic("arm/status") == "arm/status"


def test_an_arm_that_looks_back_is_turned_by_half_a_turn() -> None:
    seen = RIGHT.in_scene(POSE)
    assert seen.position == pytest.approx((0.8, 0.3, 0.1))
    assert (seen.yaw, seen.roll, seen.pitch) == (pytest.approx(0.3 - math.pi), 0.1, -0.2)
    assert RIGHT.topic("arm/status") == "right/arm/status"


@pytest.mark.parametrize("mount", [ONLY, ArmMount("left", -0.3, 0.2), RIGHT])
def test_there_and_back(mount: ArmMount) -> None:
    back = mount.in_base(mount.in_scene(POSE))
    assert back.six == pytest.approx(POSE.six)


def test_a_box_goes_from_low_to_high_in_the_scene() -> None:
    box = RIGHT.box_in_scene(((0.2, 0.5), (-0.3, 0.1), (0.0, 0.4)))
    assert [x for ends in box for x in ends] == pytest.approx([0.7, 1.0, 0.0, 0.4, 0.0, 0.4])


@pytest.mark.parametrize("wrong", [{"arm": "a/b"}, {"x": math.nan}])
def test_a_mount_checks_itself(wrong: dict) -> None:
    with pytest.raises(ValueError, match="an arm"):
        ArmMount(**wrong)
