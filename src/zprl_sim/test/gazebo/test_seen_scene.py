"""The scene that Gazebo's poses show: yaw, success, and poses that are missing or old."""

import math

import pytest

from zprl_core.observation import Pose
from zprl_sim.gazebo.seen_scene import SILENT_S, SeenScene
from zprl_sim.tasks.pick_to_tray import HALF, PICK_TO_TRAY

TRAY = Pose((0.5, 0.17, 0.0))


def scene(cube: Pose, width: float = 0.08) -> SeenScene:
    seen = SeenScene(PICK_TO_TRAY)
    seen.on_pose("cube", cube, 1.0)
    seen.on_pose("tray", TRAY, 1.0)
    seen.on_width(width)
    return seen


@pytest.mark.parametrize(
    ("cube", "width", "success"),
    [
        (Pose((0.51, 0.16, HALF)), 0.08, True),
        (Pose((0.51, 0.16, HALF)), 0.06, False),  # still in the gripper
        (Pose((0.51, 0.16, 0.10)), 0.08, False),  # above the tray
        (Pose((0.45, 0.16, HALF)), 0.08, False),  # beside it: 0.05 > 0.055 - 0.015
    ],
)
def test_success_follows_from_the_poses(cube: Pose, width: float, success: bool) -> None:
    assert scene(cube, width).success is success


def test_no_task_succeeds_while_the_opening_of_the_gripper_is_unknown() -> None:
    assert not scene(Pose((0.51, 0.16, HALF)), math.nan).success


def test_the_yaw_of_a_cube_is_known_up_to_a_quarter_turn() -> None:
    """2.0 rad - pi/2 = 0.429 rad."""
    assert scene(Pose((0.5, 0.0, HALF), 2.0)).things["cube"].yaw == pytest.approx(2.0 - math.pi / 2)


def test_a_scene_is_unknown_until_each_pose_has_arrived_and_when_one_is_old() -> None:
    seen = SeenScene(PICK_TO_TRAY)
    seen.on_pose("cube", Pose((0.5, 0.0, HALF)), 1.0)
    assert "no pose of tray; start gazebo.launch.py" in seen.silence(1.0)
    seen.on_pose("tray", TRAY, 1.5)
    assert seen.silence(1.0 + SILENT_S) == ""
    assert "no pose of cube for 1.1 s" in seen.silence(1.1 + SILENT_S)
