"""The robot description of an FR3, beside Franka's own numbers."""

import xml.etree.ElementTree as ET

import pytest

from zprl_core.arm_model import FR3
from zprl_core.arms.fr3 import HAND, urdf

ROBOT = ET.fromstring(urdf())
JOINTS = {joint.attrib["name"]: joint for joint in ROBOT.iter("joint")}


def numbers(joint: str, part: str, name: str) -> tuple[float, ...]:
    found = JOINTS[joint].find(part)
    assert found is not None
    return tuple(map(float, found.attrib[name].split()))


def test_links_and_joints_are_one_tree_with_the_names_of_joint_states() -> None:
    links = [link.attrib["name"] for link in ROBOT.iter("link")]
    children = [joint.find("child").attrib["link"] for joint in JOINTS.values()]  # type: ignore[union-attr]
    parents = [joint.find("parent").attrib["link"] for joint in JOINTS.values()]  # type: ignore[union-attr]
    assert sorted([*children, FR3.base_frame]) == sorted(links) and set(parents) < set(links)
    assert set(FR3.joint_names) < set(JOINTS) and {FR3.tool_frame, HAND} < set(links)
    moves = {name: joint.attrib["type"] for name, joint in JOINTS.items() if joint.attrib["type"] != "fixed"}
    assert moves == {**dict.fromkeys(FR3.joints, "revolute"), **dict.fromkeys(FR3.fingers, "prismatic")}


def test_limits_are_frankas() -> None:
    for k, name in enumerate(FR3.joints):
        assert numbers(name, "limit", "lower") == (FR3.joint_low[k],)
        assert numbers(name, "limit", "upper") == (FR3.joint_high[k],)
    assert sum(numbers(name, "limit", "upper")[0] for name in FR3.fingers) == pytest.approx(FR3.max_width)


@pytest.mark.parametrize(
    ("joint", "xyz", "roll"),
    [
        ("fr3_joint1", (0.0, 0.0, 0.333), 0.0),
        ("fr3_joint3", (0.0, -0.316, 0.0), 1.5707963267949),
        ("fr3_joint5", (-0.0825, 0.384, 0.0), -1.5707963267949),
        ("fr3_joint7", (0.088, 0.0, 0.0), 1.5707963267949),
        ("fr3_joint8", (0.0, 0.0, 0.107), 0.0),
    ],
)
def test_origins_are_those_of_franka_description(joint: str, xyz: tuple[float, ...], roll: float) -> None:
    assert numbers(joint, "origin", "xyz") == pytest.approx(xyz, abs=1e-9)
    assert numbers(joint, "origin", "rpy")[0] == pytest.approx(roll, abs=1e-9)


def test_an_arm_without_the_hand_has_none_in_its_description() -> None:
    bare = {joint.attrib["name"] for joint in ET.fromstring(urdf(hand=False)).iter("joint")}
    assert bare == {*FR3.joints, "fr3_joint8"}
