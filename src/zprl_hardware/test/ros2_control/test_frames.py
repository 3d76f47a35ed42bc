"""The small tf buffer: chains, ages, loops, and frames that are not connected."""

import math

import numpy as np
import pytest

from zprl_control.driver import ArmLost
from zprl_core.geometry import from_rpy
from zprl_hardware.ros2_control.frames import FrameTree

TURN = math.pi / 2


@pytest.fixture
def tree() -> FrameTree:
    tree = FrameTree()
    tree.update("world", "base", from_rpy((1.0, 0.0, 0.0, 0.0, 0.0, TURN)), 0.0, static=True)
    tree.update("base", "link1", from_rpy((0.0, 0.0, 0.5, 0.0, 0.0, TURN)), 10.0)
    tree.update("/link1", "/tool", from_rpy((0.2, 0.0, 0.0, 0.0, 0.0, 0.0)), 9.0)
    tree.update("world", "camera", from_rpy((0.0, 3.0, 0.0, 0.0, 0.0, 0.0)), 0.0, static=True)
    return tree


def test_a_chain_is_multiplied_and_as_old_as_its_oldest_part(tree: FrameTree) -> None:
    pose, received_s = tree.lookup("base", "tool")
    # link1 is turned by 90 degrees, so 0.2 along its x axis is 0.2 along the base's y axis
    assert pose[:3, 3] == pytest.approx((0.0, 0.2, 0.5)) and received_s == 9.0


def test_the_way_may_go_up_and_down_again(tree: FrameTree) -> None:
    pose, _ = tree.lookup("tool", "camera")
    back, _ = tree.lookup("camera", "tool")
    assert np.allclose(pose @ back, np.eye(4))
    assert back[:3, 3] == pytest.approx((0.8, -3.0, 0.5))  # world to base (1, 0, 0) turned, then (0, 0.2) of the base


def test_static_frames_never_age(tree: FrameTree) -> None:
    assert tree.lookup("base", "camera")[1] == math.inf


@pytest.mark.parametrize(
    ("base", "tool", "why"),
    [
        ("base", "gripper", "tf has no frame gripper; set ros2_control.base_frame"),
        ("odom", "gripper", "tf has no frame odom nor gripper"),
        ("island", "tool", "tf does not connect tool with island: the path ends at world"),
    ],
)
def test_frames_that_are_not_connected_are_named(tree: FrameTree, base: str, tool: str, why: str) -> None:
    tree.update("island", "palm", np.eye(4), 1.0)
    with pytest.raises(ArmLost, match=why):
        tree.lookup(base, tool)


def test_a_loop_ends(tree: FrameTree) -> None:
    tree.update("tool", "base", np.eye(4), 1.0)
    with pytest.raises(ArmLost):
        tree.lookup("camera", "tool")


def test_nothing_heard_says_where_else_the_pose_may_come_from() -> None:
    with pytest.raises(ArmLost, match=r"no transforms on /tf yet.*tool_source"):
        FrameTree().lookup("base", "tool")
