"""Link frames follow from the URDF and the joints."""

import math
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from zprl_core.arm_model import FR3
from zprl_core.arms.fr3 import urdf
from zprl_core.geometry import from_rpy
from zprl_hardware.franka.kinematics import tool_at
from zprl_view.link_tree import joints_of, roots
from zprl_view.shapes import MESHES, with_shapes

ASSETS = Path(__file__).resolve().parents[2] / "zprl_sim/zprl_sim/assets/meshes"
DOWN = from_rpy((0.0, 0.0, 0.0, math.pi, 0.0, 0.0))  # a tool with all angles 0 points down


def in_base(link: str, positions: dict[str, float]) -> np.ndarray:
    """The frame of a link in the base."""
    joints = {joint.child: joint for joint in joints_of(urdf())}
    frame = np.eye(4)
    while link in joints:
        transform = joints[link].transform(positions)
        assert transform is not None
        frame, link = transform @ frame, joints[link].parent
    assert link == FR3.base_frame
    return frame


@pytest.mark.parametrize("joints", [FR3.home, (0.3, -0.7, 0.2, -2.0, 0.4, 1.9, -0.5)])
def test_the_tool_is_where_the_arm_says(joints: tuple[float, ...]) -> None:
    frame = in_base(FR3.tool_frame, dict(zip(FR3.joints, joints, strict=True)))
    assert np.allclose(frame, from_rpy(tool_at(joints)) @ DOWN, atol=1e-9)


def test_fingers_slide_apart() -> None:
    positions = {**dict(zip(FR3.joints, FR3.home, strict=True)), FR3.fingers[0]: 0.03, FR3.fingers[1]: 0.03}
    left, right = (in_base(link, positions)[:3, 3] for link in ("fr3_leftfinger", "fr3_rightfinger"))
    assert np.linalg.norm(left - right) == pytest.approx(0.06)


def test_a_joint_without_a_position_has_no_frame() -> None:
    joints = {joint.name: joint for joint in joints_of(urdf())}
    assert joints["fr3_joint1"].transform({}) is None
    assert joints["fr3_joint1"].transform({"fr3_joint1": math.nan}) is None
    assert joints["fr3_hand_tcp_joint"].transform({}) is not None


def test_a_mimicking_joint_follows_its_leader() -> None:
    text = (
        '<robot name="x"><joint name="b" type="revolute"><parent link="base"/><child link="b"/>'
        '<axis xyz="0 0 2"/><mimic joint="a" multiplier="-0.5" offset="0.1"/></joint></robot>'
    )
    (joint,) = joints_of(text)
    assert joint.axis == (0.0, 0.0, 1.0)
    assert np.allclose(joint.transform({"a": 1.0}), from_rpy((0, 0, 0, 0, 0, -0.4)))
    assert roots([joint]) == ["base"]


ENDS = '<parent link="p"/><child link="b"/>'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no xml", "is no XML"),
        ('<robot><joint name="a" type="fixed"><child link="b"/></joint></robot>', "joint a .* no parent link"),
        (f'<robot><joint name="a" type="revolute">{ENDS}<axis xyz="0 0 0"/></joint></robot>', "axis has no length"),
        (f'<robot><joint name="a" type="fixed">{ENDS}<origin xyz="1 2"/></joint></robot>', "not three numbers"),
    ],
)
def test_a_description_that_cannot_be_used_is_named(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        joints_of(text)


def test_every_mesh_is_there_and_every_link_but_frames_has_one() -> None:
    shaped = ET.fromstring(with_shapes(urdf(), "package://zprl_sim/meshes/"))
    links = {link.get("name"): [mesh.get("filename") for mesh in link.iter("mesh")] for link in shaped.iter("link")}
    assert {name for name, meshes in links.items() if not meshes} == {"fr3_link8", FR3.tool_frame}
    assert {name for name, meshes in links.items() if meshes} == MESHES.keys()
    for meshes in links.values():
        assert all((ASSETS / str(mesh).removeprefix("package://zprl_sim/meshes/")).is_file() for mesh in meshes)
    assert {name for names in MESHES.values() for name in names} == {path.stem for path in ASSETS.glob("*.stl")}


def test_links_of_other_robots_stay_as_they_are() -> None:
    text = '<robot name="ur5e"><link name="base_link"/><link name="fr3_link0"><visual/></link></robot>'
    assert with_shapes(text, "http://robot:8000") == text
    assert with_shapes(urdf(), "") == urdf()
