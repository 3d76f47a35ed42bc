"""The streams of planar policies."""

import pytest

from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec, arm_observation


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


def test_a_topic_has_messages_of_one_type() -> None:
    pose, width = StreamSpec("a", "x", StreamKind.POSE), StreamSpec("b", "joint_states", StreamKind.WIDTH)
    joints = StreamSpec("c", "joint_states", StreamKind.JOINTS, (1,), joints=("j",))
    assert ObservationSpec((pose, width, joints)).state_size == 7
    with pytest.raises(ValueError, match="streams a and d read topic x as pose and vector"):
        ObservationSpec((pose, StreamSpec("d", "x", StreamKind.VECTOR, (2,))))
