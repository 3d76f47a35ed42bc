"""The streams of planar policies."""

import math
from collections.abc import Callable

import pytest

from zprl_core.observation import LazySamples, Observation, Pose, Sample
from zprl_core.observation_spec import (
    MOST_NUMBERS,
    ObservationSpec,
    StreamKind,
    StreamSpec,
    arm_observation,
    camera_observation,
    camera_stream,
    depth_stream,
)


def test_two_arms_have_topics_in_their_namespaces_and_objects_relative_to_both_tools() -> None:
    spec = arm_observation(("bar",), ("left", "right"), "world")
    assert [(stream.name, stream.topic) for stream in spec.streams] == [
        ("left/tool", "left/arm/current_pose"),
        ("left/width", "left/joint_states"),
        ("right/tool", "right/arm/current_pose"),
        ("right/width", "right/joint_states"),
        ("bar", "objects/bar/pose"),
    ]
    assert spec["bar"].relative_to == ("left/tool", "right/tool")
    assert {stream.frame for stream in spec.streams} == {"world", ""}
    assert spec.state_size == 3 * 5 + 2
    assert ObservationSpec.from_json(spec.to_json()) == spec


@pytest.mark.parametrize("age", [0.0, -0.1, 61.0, math.nan, math.inf])
def test_an_age_that_is_no_limit_is_refused(age: float) -> None:
    with pytest.raises(ValueError, match=r"stream a: max_age_s must be in \(0, 60\]"):
        StreamSpec("a", "x", StreamKind.POSE, max_age_s=age)


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        (StreamKind.VECTOR, (0,)), (StreamKind.VECTOR, (-1,)), (StreamKind.VECTOR, (MOST_NUMBERS + 1,)),
        (StreamKind.VECTOR, ()), (StreamKind.IMAGE, (0, 64, 3)), (StreamKind.IMAGE, (48, 64, 4)),
        (StreamKind.IMAGE, (1 << 20, 1 << 20, 3)), (StreamKind.POSE, (3,)), (StreamKind.JOINTS, (2,)),
    ],
)  # fmt: skip
def test_a_shape_that_no_sample_has_is_refused(kind: StreamKind, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="stream a: "):
        StreamSpec("a", "x", kind, shape)


def test_a_topic_has_messages_of_one_type() -> None:
    pose, width = StreamSpec("a", "x", StreamKind.POSE), StreamSpec("b", "joint_states", StreamKind.WIDTH)
    joints = StreamSpec("c", "joint_states", StreamKind.JOINTS, (1,), joints=("j",))
    assert ObservationSpec((pose, width, joints)).state_size == 7
    with pytest.raises(ValueError, match="streams a and d read topic x as pose and vector"):
        ObservationSpec((pose, StreamSpec("d", "x", StreamKind.VECTOR, (2,))))


def test_cameras_are_observed_instead_of_objects() -> None:
    spec = camera_observation(("front", "left/wrist"), ("left",), "world")
    assert [(stream.name, stream.topic, stream.shape) for stream in spec.streams] == [
        ("left/tool", "left/arm/current_pose", ()),
        ("left/width", "left/joint_states", ()),
        ("front", "camera/front/color/image_raw", (128, 128, 3)),
        ("left/wrist", "left/camera/wrist/color/image_raw", (128, 128, 3)),
    ]
    assert [stream.name for stream in spec.images] == ["front", "left/wrist"] and spec.state_size == 5 + 1
    assert 2 / 30 < spec["front"].max_age_s < 10 / 30  # an image or two at 30 Hz may be lost
    assert ObservationSpec.from_json(spec.to_json()) == spec


def test_the_state_of_an_observation_reads_no_image() -> None:
    def unread() -> Sample:
        raise AssertionError("an image was read")

    images: dict[str, Callable[[], Sample]] = {"front": unread, "wrist": unread}
    seen = Observation(0, LazySamples({"tool": Pose((0.5, 0.1, 0.2)), "width": 0.08}, images))
    spec = camera_observation(("front", "wrist"))
    assert spec.state(seen).tolist() == pytest.approx([0.5, 0.1, 0.2, 1.0, 0.0, 0.08]) and seen.objects == {}


def test_depth_is_an_image_of_one_channel_with_a_range() -> None:
    color, depth = camera_stream("left/wrist"), depth_stream("left/wrist", 0.2, 1)
    assert (depth.name, depth.topic) == ("left/wrist_depth", "left/camera/wrist/aligned_depth_to_color/image_raw")
    assert (depth.shape, depth.depth_m, depth.is_depth, color.is_depth) == ((128, 128, 1), (0.2, 1.0), True, False)
    spec = ObservationSpec((color, depth))
    assert ObservationSpec.from_json(spec.to_json()) == spec and spec.images == spec.streams
    assert "depth_m" not in spec.to_json()[0], "fingerprints of earlier bases would change"


@pytest.mark.parametrize("depth_m", [(0.2,), (0.5, 0.5), (1.0, 0.2), (-0.1, 1.0), (0.2, math.inf), (math.nan, 1.0)])
def test_a_range_that_is_none_is_refused(depth_m: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="stream a: depth_m needs the nearest and the farthest distance"):
        StreamSpec("a", "x", StreamKind.IMAGE, (8, 8, 1), depth_m=depth_m)


@pytest.mark.parametrize(("kind", "shape"), [(StreamKind.IMAGE, (8, 8, 3)), (StreamKind.VECTOR, (1,))])
def test_only_an_image_of_one_channel_has_depth(kind: StreamKind, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"stream a: depth_m is for an image of shape \(height, width, 1\)"):
        StreamSpec("a", "x", kind, shape, depth_m=(0.2, 1.0))


def test_a_topic_of_depth_has_no_color() -> None:
    depth = depth_stream("front", 0.2, 1.0)
    other = depth_stream("front", 0.2, 2.0)
    assert (
        len(
            ObservationSpec((depth, StreamSpec("far", other.topic, other.kind, other.shape, depth_m=(0.2, 2.0)))).images
        )
        == 2
    )
    with pytest.raises(ValueError, match="as color and depth"):
        ObservationSpec((depth, StreamSpec("b", depth.topic, StreamKind.IMAGE, (128, 128, 3))))
