"""Definitions of messages as a bag stores them."""

import pytest

from zprl_core.bags.message_definition import BAR, definition, type_hash

pytest.importorskip("geometry_msgs", reason="ROS is not installed")


def test_a_definition_has_each_part_once() -> None:
    first, *parts = definition("geometry_msgs/msg/PoseStamped").split(f"{BAR}\n")
    assert "std_msgs/Header header" in first and "Pose pose" in first
    named = [part.split("\n")[0] for part in parts]
    assert sorted(named) == [
        f"MSG: {name}"
        for name in (
            "builtin_interfaces/Time",
            "geometry_msgs/Point",
            "geometry_msgs/Pose",
            "geometry_msgs/Quaternion",
            "std_msgs/Header",
        )
    ]


@pytest.mark.parametrize(
    "kind",
    [
        "sensor_msgs/msg/Image",
        "sensor_msgs/msg/CameraInfo",
        "sensor_msgs/msg/JointState",
        "tf2_msgs/msg/TFMessage",
        "diagnostic_msgs/msg/DiagnosticArray",
        "zprl_msgs/msg/ArmStatus",
        "zprl_msgs/msg/Transition",
    ],
)
def test_definitions_of_messages_are_those_that_rosbags_hashes_alike(kind: str) -> None:
    typesys = pytest.importorskip("rosbags.typesys")
    store = typesys.get_typestore(typesys.Stores.EMPTY)
    store.register(typesys.get_types_from_msg(definition(kind), kind))
    assert store.hash_rihs01(kind) == type_hash(kind)


def test_an_unknown_package_or_message_is_named() -> None:
    with pytest.raises(ValueError, match="package no_msgs of no_msgs/msg/Cup is not installed"):
        definition("no_msgs/msg/Cup")
    with pytest.raises(ValueError, match="no definition of std_msgs/msg/Cup is installed"):
        definition("std_msgs/msg/Cup")
