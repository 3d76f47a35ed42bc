"""Poses of a lab's own perception: their frame, their quaternion, and whether they have a yaw."""

import math
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("zprl_msgs")

from geometry_msgs.msg import PoseStamped
from geometry_msgs.msg import Quaternion as QuaternionMessage

from zprl_core.frame_tree import FrameError, FrameTree
from zprl_core.geometry import from_rpy
from zprl_core.observation import Pose
from zprl_core.observation_spec import StreamKind, StreamSpec
from zprl_core.ros.conversions import time_from
from zprl_core.ros.poses import normalize
from zprl_core.ros.samples import sample_from
from zprl_core.rotation import Rotation

BASE, OPTICAL = "fr3_link0", "front_color_optical_frame"
CUBE = StreamSpec("cube", "objects/cube/pose", StreamKind.POSE, frame=BASE)
TOOL = StreamSpec("tool", "arm/current_pose", StreamKind.POSE, frame=BASE, tool=True)
TILTED = replace(CUBE, rotation=Rotation.SIX)
DOWN = (1.0, 0.0, 0.0, 0.0)  # x, y, z, w: a gripper that points down


def message(frame: str, q: tuple[float, ...], position: tuple[float, ...] = (0.1, 0.2, 0.7)) -> PoseStamped:
    m = PoseStamped()
    m.header.frame_id, m.header.stamp = frame, time_from(5_000_000_000)
    m.pose.position.x, m.pose.position.y, m.pose.position.z = position
    m.pose.orientation = QuaternionMessage(**dict(zip("xyzw", q, strict=True)))
    return m


def camera_above_the_table() -> FrameTree:
    """It looks straight down from 1 m above (0.5, 0, 0) of the base, its image's top toward +x."""
    tree = FrameTree(history_s=3.0)
    tree.update(BASE, "front_link", from_rpy((0.5, 0.0, 1.0, 0.0, 0.0, 0.0)), 0.0, static=True)
    tree.update("front_link", OPTICAL, from_rpy((0.0, 0.0, 0.0, math.pi, 0.0, -math.pi / 2)), 0.0, static=True)
    return tree


@pytest.mark.parametrize("frame", [BASE, "/" + BASE])
def test_the_streams_frame_passes(frame: str) -> None:
    assert sample_from(CUBE, message(frame, (0.0, 0.0, 0.0, 1.0))) == Pose((0.1, 0.2, 0.7), 0.0)


@pytest.mark.parametrize("stream", [CUBE, TILTED])
def test_a_pose_of_the_optical_frame_is_transformed(stream: StreamSpec) -> None:
    """x of the image is -y of the base, y of the image is -x, z is down; the cube's z axis points up."""
    pose = sample_from(stream, message(OPTICAL, DOWN), camera_above_the_table())
    assert isinstance(pose, Pose)
    assert pose.position == pytest.approx((0.5 - 0.2, -0.1, 0.3))
    assert pose.six[3:] == pytest.approx((0.0, 0.0, -math.pi / 2))


def test_a_camera_on_the_moving_tool_is_taken_at_the_stamp() -> None:
    tree = FrameTree(history_s=3.0)
    for stamp_ns, x in ((4_900_000_000, 0.4), (5_100_000_000, 0.6)):
        tree.update(BASE, "wrist", from_rpy((x, 0.0, 0.0, 0.0, 0.0, 0.0)), 0.0, stamp_ns=stamp_ns)
    pose = sample_from(CUBE, message("wrist", (0.0, 0.0, 0.0, 1.0)), tree)
    assert isinstance(pose, Pose) and pose.position == pytest.approx((0.6, 0.2, 0.7))


@pytest.mark.parametrize("stream", [CUBE, TOOL, TILTED])
@pytest.mark.parametrize(
    ("frame", "why"),
    [
        ("", "has no frame_id: set header.frame_id to 'fr3_link0' if it is in this frame"),
        (
            OPTICAL,
            "is in frame 'front_color_optical_frame', the policy expects 'fr3_link0', and tf cannot transform it",
        ),
    ],
)
def test_a_frame_that_is_not_known_is_refused_by_name(stream: StreamSpec, frame: str, why: str) -> None:
    with pytest.raises(FrameError, match=f"{stream.topic} {why}"):
        sample_from(stream, message(frame, DOWN))


def test_a_stream_without_frame_takes_any() -> None:
    assert isinstance(sample_from(replace(CUBE, frame=""), message("odd", (0.0, 0.0, 0.0, 1.0))), Pose)


@pytest.mark.parametrize("stream", [CUBE, TOOL, TILTED])
@pytest.mark.parametrize(
    "q", [(0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.5), (math.nan, 0.0, 0.0, 1.0), (3.0, 0.0, 0.0, 0.0)]
)
def test_a_quaternion_that_is_none_is_refused(stream: StreamSpec, q: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match=r"of a pose has length .* instead of 1"):
        sample_from(stream, message(BASE, q))


def test_a_rounded_quaternion_is_normalized_and_reported() -> None:
    m = message(BASE, (0.0, 0.0, 0.71, 0.71))
    assert normalize(m.pose) and not normalize(m.pose)
    q = m.pose.orientation
    assert (q.z, q.w) == pytest.approx((np.sqrt(0.5), np.sqrt(0.5)))
    assert not normalize(message(BASE, (0.0, 0.0, np.sqrt(0.5), np.sqrt(0.5))).pose)


def test_a_planar_pose_without_a_yaw_is_refused() -> None:
    """A gripper that points up, and an object whose x axis is vertical."""
    with pytest.raises(ValueError, match=r"arm/current_pose has no yaw.*a gripper that points down"):
        sample_from(TOOL, message(BASE, (0.0, 0.0, 0.0, 1.0)))
    with pytest.raises(ValueError, match=r"objects/cube/pose has no yaw.*an object that stands upright"):
        sample_from(CUBE, message(BASE, (0.0, np.sqrt(0.5), 0.0, np.sqrt(0.5))))
