"""The arm for Gazebo moves, weighs and grips as the one in MuJoCo, and has the interfaces that its controllers need.

Gazebo itself is not run here. The URDF is read by zprl, by Pinocchio's parser where that is installed, and by the
parser of libsdformat where `ign sdf` is installed (Debian: ignition-tools and libsdformat-dev).
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from gazebo_files import ARM, CONFIG, Box, boxes_of_mujoco, numbers, parsed, rounded
from zprl_bringup.ros_launch.gazebo_programs import gazebo_file, robot_description
from zprl_core.arm_model import FR3
from zprl_hardware.ros2_control.chain import read_chain
from zprl_sim.rendering import mujoco
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.pick_to_tray import PICK_TO_TRAY

OF_MUJOCO = {"fr3_hand": "hand", "fr3_leftfinger": "left_finger", "fr3_rightfinger": "right_finger"}  # other names


@pytest.fixture(scope="module")
def robot() -> Iterator[SimRobot]:
    made = SimRobot(PICK_TO_TRAY, deployed=False)
    yield made
    made.close()


def test_the_arm_moves_as_in_mujoco(robot: SimRobot) -> None:
    """Position within 1 um, and orientation, at joint vectors within the limits."""
    chain = read_chain(robot_description(), CONFIG.base_frame, CONFIG.tool_frame, CONFIG.joints, CONFIG.home_joints)
    rng = np.random.default_rng(0)
    for q in (np.array(FR3.home), *rng.uniform(chain.low, chain.high, (20, 7))):
        wanted, found = robot.arm.tool_at(tuple(q)), chain.pose(q)
        assert found[:3, 3] == pytest.approx(wanted[:3], abs=1e-6)
        data = mujoco.MjData(robot.model)
        data.qpos[robot.kinematics.joints] = q
        mujoco.mj_kinematics(robot.model, data)
        assert found[:3, :3] == pytest.approx(data.site_xmat[robot.kinematics.site].reshape(3, 3), abs=1e-6)


def test_a_urdf_parser_finds_every_link_where_mujoco_has_it(robot: SimRobot) -> None:
    pin = pytest.importorskip("pinocchio")
    read = pin.buildModelFromXML(robot_description())
    assert list(read.names)[1:] == [*FR3.joints, *FR3.fingers]
    made, data, rng = read.createData(), mujoco.MjData(robot.model), np.random.default_rng(1)
    for _ in range(10):
        q = rng.uniform(read.lowerPositionLimit, read.upperPositionLimit)
        pin.framesForwardKinematics(read, made, q)
        data.qpos[:9] = q
        mujoco.mj_kinematics(robot.model, data)
        for link in (each.get("name", "") for each in ARM.findall("link")):
            if link not in ("world", "fr3_link8", FR3.tool_frame):
                at = made.oMf[read.getFrameId(link)].translation
                assert at == pytest.approx(data.body(OF_MUJOCO.get(link, link)).xpos, abs=1e-6), link


def test_limits_masses_and_shapes_of_the_arm_are_those_of_mujoco(robot: SimRobot) -> None:
    m = robot.model
    for joint in ARM.findall("joint"):
        if (limit := joint.find("limit")) is None:
            continue
        name = joint.get("name")
        assert [float(limit.get(end, "nan")) for end in ("lower", "upper")] == m.joint(name).range.tolist()
        damping = joint.find("dynamics")
        assert damping is not None and float(damping.get("damping", "nan")) == m.joint(name).damping[0]
    for link in ARM.findall("link"):
        name = OF_MUJOCO.get(link.get("name", ""), link.get("name", ""))
        if (inertial := link.find("inertial")) is None or name == "fr3_link0":
            continue
        mass, origin, inertia = (inertial.find(tag) for tag in ("mass", "origin", "inertia"))
        assert mass is not None and origin is not None and inertia is not None
        body = m.body(name)
        assert float(mass.get("value", "nan")) == pytest.approx(body.mass[0])
        assert numbers(origin.get("xyz")) == pytest.approx(body.ipos.tolist())
        assert tensor(inertia) == pytest.approx(tensor_of_mujoco(body), rel=1e-5, abs=1e-9)
        if name in OF_MUJOCO.values():
            assert boxes_of_urdf(link) == boxes_of_mujoco(robot, name)
        else:
            assert not boxes_of_urdf(link) and not boxes_of_mujoco(robot, name)


def test_only_links_that_are_fixed_to_another_have_no_mass() -> None:
    """The parser of Gazebo drops any other, and what is below it."""
    without = [link.get("name") for link in ARM.findall("link") if link.find("inertial") is None]
    assert without == ["world", "fr3_link8", FR3.tool_frame]


def tensor(inertia: ET.Element) -> np.ndarray:
    """(3, 3) in the axes of the link."""
    xx, xy, xz, yy, yz, zz = (float(inertia.get(f"i{key}", "nan")) for key in ("xx", "xy", "xz", "yy", "yz", "zz"))
    return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])


def tensor_of_mujoco(body: Any) -> np.ndarray:
    turn = np.zeros(9)
    mujoco.mju_quat2Mat(turn, body.iquat)
    return np.asarray(turn.reshape(3, 3) @ np.diag(body.inertia) @ turn.reshape(3, 3).T)


def boxes_of_urdf(link: ET.Element) -> list[Box]:
    found = []
    for collision in link.findall("collision"):
        origin, box = collision.find("origin"), collision.find("geometry/box")
        assert origin is not None and box is not None
        found.append(rounded(numbers(origin.get("xyz")), numbers(box.get("size"))))
    return sorted(found)


def test_the_parser_of_gazebo_accepts_the_arm_and_drops_no_joint() -> None:
    """It drops links without mass, and what is below them."""
    assert "Valid" in parsed("-k", str(gazebo_file("fr3.urdf")))
    found = ET.fromstring(parsed("-p", str(gazebo_file("fr3.urdf"))))
    moving = [joint.get("name") for joint in found.iter("joint") if joint.get("type") != "fixed"]
    assert moving == [*FR3.joints, *FR3.fingers]


def test_ros2_control_has_the_interfaces_that_the_controllers_need() -> None:
    joints = ARM.findall("ros2_control/joint")
    assert [joint.get("name") for joint in joints] == [*FR3.joints, *FR3.fingers]
    start = [float(joint.findtext("state_interface[@name='position']/param", "nan")) for joint in joints]
    assert start == [*FR3.home, CONFIG.gripper_open, CONFIG.gripper_open]
    assert all(joint.find("state_interface[@name='velocity']") is not None for joint in joints)
    commanded = [j.get("name") for j in joints if j.find("command_interface[@name='position']") is not None]
    assert commanded == [*CONFIG.joints, CONFIG.gripper_joint]
    mimics = {j.get("name"): mimic.get("joint") for j in ARM.findall("joint") if (mimic := j.find("mimic")) is not None}
    assert mimics == {FR3.fingers[1]: CONFIG.gripper_joint}


def test_the_fingers_open_as_wide_as_the_driver_expects() -> None:
    limits = [limit for joint in ARM.findall("joint[@type='prismatic']") if (limit := joint.find("limit")) is not None]
    upper = [float(limit.get("upper", "nan")) for limit in limits]
    assert upper == [CONFIG.gripper_open] * 2 and sum(upper) == CONFIG.gripper_width
