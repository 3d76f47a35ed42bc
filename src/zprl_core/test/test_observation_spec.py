"""The streams of planar policies."""

from zprl_core.observation_spec import ObservationSpec, arm_observation


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
