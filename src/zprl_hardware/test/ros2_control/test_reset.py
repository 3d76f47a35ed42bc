"""A reset of an arm whose tool is low: straight up first, and the gripper opens up there."""

from dataclasses import replace

import numpy as np
import pytest

from fake_controllers import DOWN, DriverHarness, make_config, make_harness
from zprl_core.arm_model import FR3
from zprl_core.arms.fr3 import urdf
from zprl_core.geometry import matrix_from, position_from
from zprl_core.target import Target
from zprl_hardware.ros2_control.chain import read_chain
from zprl_hardware.ros2_control.config import (
    CommandInterface,
    GripperInterface,
    Ros2ControlConfig,
    ToolSource,
    UrdfSource,
)

CHAIN = read_chain(urdf(), FR3.base_frame, FR3.tool_frame, FR3.joints, FR3.home)
HOME_M = position_from(CHAIN.pose(np.array(FR3.home)))[2]
GRIPPER = {"gripper": GripperInterface.GRIPPER_COMMAND, "gripper_joint": "fingers"}
LOW = (0.5, 0.1, 0.03)


def joints_at(place: tuple[float, float, float]) -> tuple[float, ...]:
    q = np.array(FR3.home)
    for _ in range(20):
        q, far = CHAIN.solve(q, matrix_from(place, DOWN))
    assert far < 1e-3
    return tuple(q.tolist())


def fr3(place: tuple[float, float, float], **changes: object) -> DriverHarness:
    config = Ros2ControlConfig(urdf_source=UrdfSource.TOPIC, tool_source=ToolSource.URDF, **GRIPPER, **changes)  # type: ignore[arg-type]
    made = make_harness(config, joints_at(place), urdf())
    made.arm.connect()
    return made


def cartesian(place: tuple[float, float, float]) -> DriverHarness:
    config = Ros2ControlConfig(
        command_interface=CommandInterface.CARTESIAN,
        tool_source=ToolSource.POSE_TOPIC,
        **GRIPPER,  # type: ignore[arg-type]
    )
    made = make_harness(config, FR3.home)
    made.fake.pose = place, DOWN
    made.fake.speak()
    made.arm.connect()
    return made


def reset(made: DriverHarness) -> tuple[list[tuple[float, float, float]], list[float], list[int]]:
    """The tool's places, the progress, and how many goals the gripper had, until the reset is over."""
    made.arm.read()
    made.arm.reset()
    places, parts, goals = [], [], []
    while made.arm.progress() < 1.0:
        made.passes(0.05)
        state = made.arm.read()
        assert state.fault == "" and len(parts) < 1000
        places.append(state.pose[:3])
        parts.append(made.arm.progress())
        goals.append(len(made.fake.goals))
    return places, parts, goals


def fastest(made: DriverHarness) -> float:
    """The greatest speed of a commanded joint [rad/s]; commands come every 10 ms."""
    return float(np.abs(np.diff(np.array(made.fake.positions), axis=0)).max() / 0.01)


@pytest.mark.parametrize("make", [fr3, cartesian])
def test_a_low_tool_rises_straight_up_and_the_gripper_opens_there(make: object) -> None:
    made = make(LOW)  # type: ignore[operator]
    places, parts, goals = reset(made)
    height = HOME_M if make is fr3 else made.config.home_pose[2]
    first = goals.index(1)
    up = np.array(places[:first])
    assert np.abs(up[:, :2] - LOW[:2]).max() < 0.002 and (np.diff(up[:, 2]) > -1e-4).all()
    assert up[-1, 2] == pytest.approx(height, abs=0.003)
    assert parts == sorted(parts) and goals[-1] == 1 and made.fake.goals == [(0.04, 30.0)]
    speeds = np.linalg.norm(np.diff(up, axis=0), axis=1) / 0.05
    assert speeds.max() < 1.05 * made.config.reset_speed_m
    steps = np.abs(np.diff(np.array(made.fake.positions or [p for p, _ in made.fake.poses]), axis=0)).max()
    assert steps <= 1.05 * 0.01 * made.config.reset_speed


def test_a_tool_that_is_high_goes_home_at_once() -> None:
    made = fr3((0.5, 0.1, HOME_M + 0.05))
    places, parts, goals = reset(made)
    assert goals[1] == 1 and parts[0] < 0.1
    assert places[-1] == pytest.approx(position_from(CHAIN.pose(np.array(FR3.home))), abs=0.01)


def test_joints_without_a_urdf_go_straight_home() -> None:
    config = replace(make_config(urdf_source=UrdfSource.NONE, tool_source=ToolSource.POSE_TOPIC), **GRIPPER)
    made = make_harness(config, (0.3, 0.9))
    made.arm.connect()
    _, _, goals = reset(made)
    assert goals[1] == 1


def test_an_arm_that_cannot_rise_so_far_goes_home_from_there() -> None:
    """Home is nearly stretched out upwards, at 1.1 m, where the arm does not reach to the side."""
    upright = (0.0, 0.0, 0.0, -0.3, 0.0, 0.7, 0.785)
    made = fr3((0.6, 0.3, 0.03), home_joints=upright)
    places, parts, goals = reset(made)
    assert 0.3 < places[goals.index(1)][2] < 0.9 and parts == sorted(parts)
    assert made.fake.joints == pytest.approx(upright, abs=0.02)
    assert fastest(made) <= 1.01 * made.config.reset_speed


@pytest.mark.parametrize("place", [(0.3, -0.4, 0.02), (0.2, 0.2, 0.02), (0.6, 0.3, 0.02)])
def test_joints_turn_slowly_wherever_the_rise_begins(place: tuple[float, float, float]) -> None:
    """Straight up, some joints would turn ten times as fast."""
    made = fr3(place)
    _, parts, goals = reset(made)
    assert fastest(made) <= 1.01 * made.config.reset_speed and parts == sorted(parts) and goals[-1] == 1


@pytest.mark.parametrize("make", [fr3, cartesian])
@pytest.mark.parametrize("low_m", [0.03, 0.05, 0.1])
def test_the_gripper_of_a_tool_that_does_not_rise_stays_closed_and_the_reason_is_told(
    make: object, low_m: float
) -> None:
    height = HOME_M if make is fr3 else Ros2ControlConfig().home_pose[2]
    made = make((0.5, 0.1, height - low_m))  # type: ignore[operator]
    made.arm.read()
    made.arm.reset()
    made.fake.follows, fault = False, ""
    for _ in range(400):
        made.passes(0.05)
        fault = fault or made.arm.read().fault
    assert made.fake.goals == [] and made.arm.progress() < 1.0
    assert "did not rise" in fault or "stood still" in fault or "does not follow" in fault, fault


def test_a_rise_begins_where_the_arm_is_and_not_at_a_command_of_the_past() -> None:
    """Somebody has moved the arm by hand since."""
    made = fr3((0.4, -0.2, 0.2))
    made.arm.read()
    made.arm.begin(Target(made.arm.read().pose, 0.0))
    made.passes(0.1)
    made.arm.halt()
    made.fake.positions.clear()
    made.fake.joints = joints_at((0.55, 0.2, 0.03))
    made.passes(0.05)
    made.arm.read()
    made.arm.reset()
    made.passes(0.01)
    assert made.fake.positions[0] == pytest.approx(joints_at((0.55, 0.2, 0.03)), abs=0.005)


def test_a_halt_on_the_way_up_leaves_the_gripper_closed() -> None:
    made = fr3(LOW)
    made.arm.read()
    made.arm.reset()
    for _ in range(5):
        made.passes(0.05)
        made.arm.read()
    made.arm.halt()
    for _ in range(40):
        made.passes(0.05)
        made.arm.read()
    assert made.fake.goals == [] and made.arm.progress() == 1.0


def test_following_after_a_reset_that_was_cut_off_opens_nothing() -> None:
    made = fr3(LOW)
    made.arm.read()
    made.arm.reset()
    made.passes(0.1)
    made.arm.begin(Target(made.arm.read().pose, 0.0))
    for _ in range(40):
        made.passes(0.05)
        made.arm.read()
    assert made.fake.goals == []
