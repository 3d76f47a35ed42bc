"""Records to messages and back. The messages are the real ones."""

import numpy as np
import pytest

pytest.importorskip("zprl_msgs")

from geometry_msgs.msg import PoseStamped
from sensor_msgs.msg import Image, JointState

from zprl_core.action import ArmTarget
from zprl_core.observation import Pose
from zprl_core.observation_spec import StreamKind, StreamSpec
from zprl_core.ros.conversions import command_message, ns_from, time_from
from zprl_core.ros.poses import (
    object_from,
    object_message,
    tilted_object_from,
    tilted_tool_from,
    tool_from,
    tool_message,
)
from zprl_core.ros.samples import depth_from, image_from, joints_from, sample_from, width_from

DEPTH = StreamSpec("d", "camera/d/aligned_depth_to_color/image_raw", StreamKind.IMAGE, (2, 3, 1), depth_m=(0.2, 1.47))


@pytest.mark.parametrize("yaw", [0.0, 0.7, -3.0, 3.1])
def test_a_target_comes_back_as_the_pose_of_a_hand_that_points_down(yaw: float) -> None:
    tool = Pose((0.4, -0.1, 0.2), yaw)
    message = command_message(ArmTarget(tool, 0.05), 7_000_000_003, "policy", 4)
    got = tool_from(message.target)
    assert got.position == tool.position and got.yaw == pytest.approx(yaw)
    assert ns_from(message.header.stamp) == 7_000_000_003 and message.gripper_width == 0.05


@pytest.mark.parametrize("tilt", [(0.0, 0.0), (0.3, 0.0), (-0.4, 1.2), (3.0, -0.2)])
def test_a_tilted_pose_comes_back(tilt: tuple[float, float]) -> None:
    pose = Pose((0.4, -0.1, 0.2), 0.7, *tilt)
    assert tilted_tool_from(tool_message(pose)).six == pytest.approx(pose.six)
    assert tilted_object_from(object_message(pose)).six == pytest.approx(pose.six)


def test_a_hand_that_rolls_by_a_right_angle_points_sideways() -> None:
    """Pointing down is -z of the base; after Rx(90) it is +y: the hand's z axis in the base frame."""
    q = tool_message(Pose((0.0, 0.0, 0.0), 0.0, np.pi / 2)).orientation
    x, y, z, w = q.x, q.y, q.z, q.w
    assert [2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)] == pytest.approx([0, 1, 0], abs=1e-9)


def test_named_joints_in_the_order_of_the_policy() -> None:
    joints = JointState(name=["b", "x", "a"], position=[1.0, 2.0, 3.0])
    assert joints_from(joints, ("a", "b")).tolist() == [3.0, 1.0]
    with pytest.raises(ValueError, match="no joint named c"):
        joints_from(joints, ("a", "c"))
    with pytest.raises(ValueError, match="3 names and 2 positions"):
        joints_from(JointState(name=["a", "b", "c"], position=[1.0, 2.0]), ("a",))


def test_an_image_with_padded_rows_and_swapped_colors() -> None:
    data = bytes([1, 2, 3, 0, 4, 5, 6, 0])
    image = Image(height=2, width=1, step=4, encoding="bgr8", data=data)
    assert image_from(image).tolist() == [[[3, 2, 1]], [[6, 5, 4]]]
    assert image_from(image).flags.c_contiguous  # torch takes no negative strides
    with pytest.raises(ValueError, match="has 8 bytes"):
        image_from(Image(height=3, width=1, step=4, encoding="rgb8", data=data))
    with pytest.raises(ValueError, match="supported are rgb8"):
        image_from(Image(height=1, width=1, step=4, encoding="yuv422", data=data[:4]))


@pytest.mark.parametrize("big", [0, 1], ids=["little endian", "big endian"])
@pytest.mark.parametrize("padding", [0, 3])
@pytest.mark.parametrize(("encoding", "kind", "unit_m"), [("16UC1", "u2", 0.001), ("32FC1", "f4", 1.0)])
def test_a_depth_image_has_the_same_pixels_in_every_form(
    encoding: str, kind: str, unit_m: float, padding: int, big: int
) -> None:
    """A range of 0.2 to 1.47 m has steps of 5 mm."""
    depth = np.array([[0.2, 0.3, 0.0], [1.47, 1.6, 0.1]])
    pixels = np.round(depth / unit_m, 6).astype((">" if big else "<") + kind)
    rows = np.pad(pixels.view(np.uint8), ((0, 0), (0, padding)), constant_values=255)
    step = 3 * pixels.itemsize + padding
    image = Image(height=2, width=3, step=step, encoding=encoding, is_bigendian=big, data=rows.tobytes())
    found = sample_from(DEPTH, image)
    assert isinstance(found, np.ndarray) and found.dtype == np.uint8 and found.flags.c_contiguous
    assert found.tolist() == [[[1], [21], [0]], [[255], [255], [1]]]
    assert DEPTH.fault(found) == ""


def test_depth_that_was_not_measured_is_0() -> None:
    """REP 118: NaN is no measurement, -inf too near, inf nothing within reach."""
    data = np.array([[np.nan, -np.inf, np.inf]], "<f4").tobytes()
    image = Image(height=1, width=3, step=12, encoding="32FC1", data=data)
    assert depth_from(image, 0.2, 1.47).tolist() == [[[0], [1], [255]]]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"encoding": "rgb8"}, "a depth image has encoding 'rgb8'; supported are 16UC1, 32FC1: check that the topic"),
        ({"encoding": "mono16"}, "a depth image has encoding 'mono16'"),
        ({"step": 3}, "an image of 2 x 1 has 4 bytes"),
        ({"height": 2}, "an image of 2 x 2 has 4 bytes"),
        ({"encoding": "32FC1"}, "an image of 2 x 1 has 4 bytes"),
    ],
    ids=str,
)
def test_what_is_no_depth_image_is_refused(change: dict[str, object], why: str) -> None:
    image = Image(height=1, width=2, step=4, encoding="16UC1", data=bytes(4))
    assert depth_from(image, 0.2, 1.0).tolist() == [[[0], [0]]]
    for name, value in change.items():
        setattr(image, name, value)
    with pytest.raises(ValueError, match=why):
        depth_from(image, 0.2, 1.0)


def test_a_depth_image_is_no_color_image() -> None:
    with pytest.raises(ValueError, match="'16UC1'; supported are rgb8"):
        image_from(Image(height=1, width=2, step=4, encoding="16UC1", data=bytes(4)))


def test_an_object_yaws_about_z() -> None:
    pose = PoseStamped().pose
    pose.orientation.z, pose.orientation.w = np.sin(0.2), np.cos(0.2)
    assert object_from(pose).yaw == pytest.approx(0.4)


def test_the_gripper_is_as_open_as_its_fingers_are_apart() -> None:
    joints = JointState(name=["fr3_joint1", "fr3_finger_joint1", "fr3_finger_joint2"], position=[1.0, 0.02, 0.02])
    assert width_from(joints) == 0.04
    with pytest.raises(ValueError, match="finger_joint"):
        width_from(JointState(name=["fr3_joint1"], position=[1.0]))


def test_stamps_keep_their_nanoseconds() -> None:
    assert ns_from(time_from(12_345_678_901)) == 12_345_678_901
