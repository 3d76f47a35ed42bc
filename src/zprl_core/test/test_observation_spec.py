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
