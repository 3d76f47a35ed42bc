"""Kinematics from a URDF, against numbers by hand, Franka's own tables, and MuJoCo."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_controllers import PLANAR, planar_pose
from zprl_core.arm_model import FR3
from zprl_core.arms.fr3 import urdf
from zprl_core.geometry import position_from, quaternion_from
from zprl_core.target import pose_from
from zprl_hardware.franka.kinematics import tool_at
from zprl_hardware.ros2_control.chain import KinematicChain, read_chain

JOINTS = ("elbow", "shoulder")  # not the URDF's order
HOME = (-0.1, -0.13, 0.101, -2.526, 0.019, 2.397, 0.771)


def planar(urdf: str = PLANAR, tool: str = "tool", joints: tuple[str, ...] = JOINTS) -> KinematicChain:
    return read_chain(urdf, "base", tool, joints, (0.0,) * len(joints))


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_two_links_by_hand(shoulder: float, elbow: float) -> None:
    pose = planar().pose(np.array([elbow, shoulder]))
    assert pose[:2, 3] == pytest.approx(planar_pose(shoulder, elbow)) and pose[2, 2] == pytest.approx(-1.0)


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_the_jacobian_is_the_derivative_of_the_pose(shoulder: float, elbow: float) -> None:
    chain, q, h = planar(), np.array([elbow, shoulder]), 1e-6
    for column in range(2):
        step = np.eye(2)[column] * h
        rate = (chain.pose(q + step)[:3, 3] - chain.pose(q - step)[:3, 3]) / (2 * h)
        assert chain.jacobian(q)[:3, column] == pytest.approx(rate, abs=1e-6)
    assert chain.jacobian(q)[5].tolist() == pytest.approx([1.0, 1.0])  # both turn about z


def test_a_prismatic_joint_slides() -> None:
    urdf = PLANAR.replace('name="elbow" type="revolute"', 'name="elbow" type="prismatic"').replace("0 0 2", "1 0 0")
    chain = planar(urdf)
    assert chain.pose(np.array([0.1, 0.0]))[:2, 3] == pytest.approx((1.0, 0.0))
    assert chain.jacobian(np.array([0.1, math.pi / 2]))[:3, 0] == pytest.approx((0.0, 1.0, 0.0))


@pytest.fixture(scope="module")
def fr3() -> KinematicChain:
    return read_chain(urdf(), FR3.base_frame, FR3.tool_frame, FR3.joints, HOME)


def test_the_described_fr3_is_where_frankas_tables_say(fr3: KinematicChain) -> None:
    for q in np.random.default_rng(0).uniform(fr3.low, fr3.high, (20, 7)):
        pose = fr3.pose(q)
        seen = pose_from(position_from(pose), quaternion_from(pose))
        turns = [math.remainder(a - b, 2 * math.pi) for a, b in zip(seen[3:], tool_at(tuple(q))[3:], strict=True)]
        assert seen[:3] == pytest.approx(tool_at(tuple(q))[:3], abs=1e-6) and turns == pytest.approx(
            [0, 0, 0], abs=1e-5
        )


def test_the_jacobian_is_mujocos(fr3: KinematicChain) -> None:
    pytest.importorskip("mujoco")
    from zprl_sim.rendering import mujoco
    from zprl_sim.robot import SimRobot
    from zprl_sim.tasks.catalog import task_named

    robot = SimRobot(task_named("lift"))
    jacobian = np.zeros((6, robot.model.nv))
    robot.data.qpos[:7] = HOME
    mujoco.mj_forward(robot.model, robot.data)
    mujoco.mj_jacSite(robot.model, robot.data, jacobian[:3], jacobian[3:], robot.kinematics.site)
    assert fr3.jacobian(np.array(HOME)) == pytest.approx(jacobian[:, :7], abs=1e-6)


def test_a_streamed_circle_is_solved_to_a_tenth_of_a_millimetre_and_joints_stay_near_home(fr3: KinematicChain) -> None:
    q = np.array(HOME)
    start, worst = fr3.pose(q), 0.0
    for step in range(600):  # ten turns with a radius of 5 cm
        target = start.copy()
        target[0, 3] += 0.05 * (math.cos(0.105 * step) - 1.0)
        target[1, 3] += 0.05 * math.sin(0.105 * step)
        before = q
        q, left = fr3.solve(q, target)
        worst = max(worst, left)
        assert np.abs(q - before).max() < 0.1
    assert worst < 1e-3 and np.abs(q - HOME).max() < 0.2


def test_what_cannot_be_reached_is_approached_and_within_the_ends(fr3: KinematicChain) -> None:
    q = np.array(HOME)
    target = fr3.pose(q)
    target[0, 3] = 2.0
    for _ in range(50):
        q, left = fr3.solve(q, target)
    assert left > 0.5 and (q >= fr3.low).all() and (q <= fr3.high).all() and np.isfinite(q).all()


@pytest.mark.parametrize(
    ("urdf", "tool", "joints", "why"),
    [
        ("<robot", "tool", JOINTS, "not XML.*xacro"),
        ("<!DOCTYPE x><robot/>", "tool", JOINTS, "DOCTYPE"),
        (PLANAR, "gripper", JOINTS, "does not connect gripper with base: the chain ends at gripper"),
        (PLANAR, "tool", ("shoulder",), "has the joints shoulder, elbow; ros2_control.joints names shoulder"),
        (PLANAR.replace("0 0 2", "0 0 0"), "tool", JOINTS, "no direction"),
        (PLANAR.replace("0.5 0 0", "0.5 zero 0"), "tool", JOINTS, "expected 3 numbers"),
        (PLANAR.replace("0.5 0 0", "0.5 nan 0"), "tool", JOINTS, "expected 3 numbers"),
        (PLANAR.replace('"fixed"', '"floating"'), "tool", JOINTS, "flange of the URDF has the type floating"),
        (PLANAR.replace('parent link="base"', 'parent link="tool"'), "tool", JOINTS, "does not connect tool with base"),
    ],
)
def test_a_urdf_that_does_not_fit_says_where(urdf: str, tool: str, joints: tuple[str, ...], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        planar(urdf, tool, joints)
