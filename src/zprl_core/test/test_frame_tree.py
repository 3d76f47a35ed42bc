"""The small tf buffer: chains, ages, loops, and frames that are not connected."""

import math

import numpy as np
import pytest

from zprl_core.frame_tree import FrameError, FrameTree
from zprl_core.geometry import from_rpy

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
        ("base", "gripper", "tf has no frame gripper$"),
        ("odom", "gripper", "tf has no frame odom nor gripper"),
        ("island", "tool", "tf does not connect tool with island: the path ends at world"),
    ],
)
def test_frames_that_are_not_connected_are_named(tree: FrameTree, base: str, tool: str, why: str) -> None:
    tree.update("island", "palm", np.eye(4), 1.0)
    with pytest.raises(FrameError, match=why):
        tree.lookup(base, tool)


def test_a_loop_ends(tree: FrameTree) -> None:
    tree.update("tool", "base", np.eye(4), 1.0)
    with pytest.raises(FrameError):
        tree.lookup("camera", "tool")


def test_nothing_received_is_said_with_the_remedy() -> None:
    with pytest.raises(FrameError, match="no transforms on /tf yet; start robot_state_publisher"):
        FrameTree().lookup("base", "tool")


def moving() -> FrameTree:
    """A camera on a tool that moves 0.1 m/s along x and turns 1 rad/s: transforms at 1.0, 1.1 and 1.2 s."""
    tree = FrameTree(history_s=3.0)
    tree.update("tool", "camera", from_rpy((0.0, 0.0, 0.1, 0.0, 0.0, 0.0)), 0.0, static=True)
    for tenth in (10, 11, 12):
        matrix = from_rpy((0.01 * tenth, 0.0, 0.5, 0.0, 0.0, 0.1 * tenth))
        tree.update("base", "tool", matrix, 100.0 + tenth, stamp_ns=tenth * 100_000_000)
    return tree


def test_a_moving_frame_is_interpolated_at_the_stamp() -> None:
    pose, _ = moving().lookup("base", "camera", 1_150_000_000)
    assert np.allclose(pose, from_rpy((0.115, 0.0, 0.6, 0.0, 0.0, 1.15)))


def test_a_stamp_just_outside_takes_the_nearest_and_another_is_refused_with_its_distance() -> None:
    tree = moving()
    assert tree.lookup("base", "camera", 1_300_000_000)[0][0, 3] == pytest.approx(0.12)
    with pytest.raises(FrameError, match=r"the newest transform is 1.80 s older; check the node that publishes it"):
        tree.lookup("base", "camera", 3_000_000_000)
    with pytest.raises(FrameError, match=r"tool in base only at other times: the oldest transform is 0.50 s newer"):
        tree.lookup("base", "camera", 500_000_000)


def test_old_transforms_are_dropped_and_a_clock_set_back_begins_anew() -> None:
    tree = moving()
    tree.update("base", "tool", np.eye(4), 200.0, stamp_ns=4_150_000_000)
    with pytest.raises(FrameError, match=r"the oldest transform is 0\.30 s newer"):
        tree.lookup("base", "camera", 900_000_000)
    tree.update("base", "tool", from_rpy((0.7, 0.0, 0.0, 0.0, 0.0, 0.0)), 201.0, stamp_ns=1_200_000_000)
    assert tree.lookup("base", "camera", 1_200_000_000)[0][0, 3] == pytest.approx(0.7)


def test_without_stamps_only_the_newest_is_kept() -> None:
    tree = FrameTree()
    for x in (1.0, 2.0):
        tree.update("base", "tool", from_rpy((x, 0.0, 0.0, 0.0, 0.0, 0.0)), x)
    assert tree.lookup("base", "tool")[0][0, 3] == 2.0
