"""What an arm node and a station refuse before anything moves."""

import os
from dataclasses import replace
from pathlib import Path

import mujoco
import numpy as np
import pytest

from zprl_bringup.graph.graphs import finetune_graph
from zprl_bringup.graph.paths import config_file
from zprl_bringup.graph.robots.fci_sim import LOOPBACK
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.station import Station, load_station
from zprl_control.safety.limits import Limits
from zprl_core.arm_model import FR3
from zprl_core.geometry import from_rpy, quaternion_from
from zprl_core.target import Pose6, pose_from
from zprl_hardware.franka.checks import check_enable_at_start, check_home, check_press, realtime_warning
from zprl_hardware.franka.config import Control, FrankyConfig
from zprl_hardware.franka.kinematics import tool_at
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.catalog import task_named

LIMITS = Limits()


def test_the_tool_is_where_mujocos_model_has_it() -> None:
    robot = SimRobot(task_named("lift"))
    rng = np.random.default_rng(0)
    for joints in (FR3.home, *rng.uniform(LIMITS.joint_low, LIMITS.joint_high, (50, 7)).tolist()):
        robot.data.qpos[:7] = joints
        mujoco.mj_forward(robot.model, robot.data)
        site = robot.kinematics.site
        rotation = np.eye(4)
        rotation[:3, :3] = robot.data.site_xmat[site].reshape(3, 3)
        expected = pose_from(tuple(robot.data.site_xpos[site].tolist()), quaternion_from(rotation))
        assert tool_at(tuple(joints))[:3] == pytest.approx(expected[:3], abs=1e-5)
        assert matrix(tool_at(tuple(joints))) == pytest.approx(matrix(expected), abs=1e-5)


def matrix(pose: Pose6) -> np.ndarray:
    return from_rpy(pose)


def test_the_default_home_is_above_the_middle_of_the_table_and_points_down() -> None:
    assert tool_at(FR3.home) == pytest.approx((0.45, 0.0, 0.22, 0.0, 0.0, 0.0), abs=2e-3)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (
            {"low": (0.28, -0.3, 0.30, -0.2, -0.2, -2.8)},
            r"tool's z 0\.220 is outside 0\.3\.\.0\.42 m: the arm could not",
        ),
        ({"high": (0.40, 0.3, 0.42, 0.2, 0.2, 2.8)}, r"tool's x 0\.450 is .*choose another home, or change limits"),
        ({"low": (0.28, -0.3, 0.012, -0.2, -0.2, 1.0)}, r"tool's yaw -?0\.00. is outside 1\.\.2\.8 rad"),
    ],
)
def test_a_home_outside_the_workspace_is_refused(wrong: dict[str, Pose6], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        check_home(FrankyConfig(), replace(LIMITS, **wrong))  # type: ignore[arg-type]


def test_another_home_goes_with_another_box() -> None:
    turned = (*FR3.home[:6], FR3.home[6] - 1.2)  # the last joint's axis points down: the hand turns the other way
    box = replace(LIMITS, low=(*LIMITS.low[:5], 1.0))
    check_home(FrankyConfig(home=turned), box)


def test_springs_twist_no_harder_than_the_guard_allows() -> None:
    check_press(FrankyConfig(), LIMITS)  # 40 N m/rad x 0.2 rad = 8 N m, which are allowed
    check_press(FrankyConfig(rotational_stiffness=10.0, error_clip_rad=0.7), replace(LIMITS, torque=7.0))
    stiff = FrankyConfig(rotational_stiffness=300.0, error_clip_rad=1.0)
    with pytest.raises(ValueError, match=r"error_clip_rad = 300 N m, which must not exceed .*, 8 N m; lower one"):
        check_press(stiff, LIMITS)
    check_press(replace(stiff, control=Control.POSE), LIMITS)  # has no springs


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("limits: {hold_s: 10000.0, fault_s: 100000.0}", r"limits\.hold_s is 10000; it must lie within \(0, 1\]"),
    ],
)
def test_a_dangerous_station_is_refused(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=rf"mine\.yaml cannot be used: .*{why}"):
        load_station(path)


@pytest.mark.parametrize("franky", [FrankyConfig(), FrankyConfig(enforce_realtime=False), FrankyConfig(LOOPBACK)])
def test_nobody_arms_a_real_arm_but_a_person(franky: FrankyConfig) -> None:
    check_enable_at_start(False, franky)
    with pytest.raises(ValueError, match="enabled without an operator, and again after each reconnection"):
        check_enable_at_start(True, franky)


@pytest.mark.parametrize("hostname", [LOOPBACK, "127.0.0.44", "::1", "localhost"])
def test_a_simulated_arm_is_armed_by_itself(hostname: str) -> None:
    simulated = FrankyConfig(hostname, enforce_realtime=False)
    check_enable_at_start(True, simulated)
    assert realtime_warning(simulated) == ""


def test_a_real_arm_without_real_time_is_told_of() -> None:
    assert realtime_warning(FrankyConfig()) == ""
    said = realtime_warning(FrankyConfig("arm.lab", enforce_realtime=False))
    assert "the arm at arm.lab is driven anyway" in said and "PREEMPT_RT" in said


@pytest.mark.parametrize(
    ("robot", "says", "told"),
    [("franky", False, False), ("franky", True, True), ("fci-sim", True, False)],
)
def test_a_station_says_whether_real_time_is_enforced(robot: str, says: bool, told: bool) -> None:
    """The simulated arm needs none, whatever a station says."""
    station = Station(franky=FrankyConfig(enforce_realtime=says))
    settings = GraphSettings(
        "run", Path("/r"), RunOptions(base=Path("/b"), robot=robot, lockstep=False), station=station
    )
    (arm,) = finetune_graph(settings).find("franka_arm_node")
    assert arm.parameters["franky.enforce_realtime"] is told


@pytest.mark.ros
def test_the_node_of_a_real_arm_that_nobody_would_arm_ends_with_exit_code_2() -> None:
    pytest.importorskip("rclpy")
    from listener import start_node

    program = "from zprl_hardware.ros.franka_arm_node import main; main()"
    process = start_node(1 + os.getpid() % 9, ["-c", program], "enable_at_start:=true", "franky.hostname:=192.0.2.1")
    assert process.wait(600) == 2
    assert "the arm at 192.0.2.1 would be enabled without an operator" in process.communicate()[1]


@pytest.mark.parametrize("path", sorted(config_file("stations").glob("*.yaml")), ids=lambda path: path.stem)
def test_no_example_promises_a_tilt_that_no_policy_makes(path: Path) -> None:
    """An action is x, y, z, yaw and the gripper."""
    limits = load_station(path).limits
    assert (limits.low[3:5], limits.high[3:5]) == (Limits().low[3:5], Limits().high[3:5])


def test_a_home_beyond_the_ends_of_the_joints_is_refused() -> None:
    limits = Limits(joint_low=(-2.0, -1.0, -2.0, -3.0, -2.0, 3.0, -2.0))
    with pytest.raises(ValueError, match=r"at franky\.home joint 6 is at 2\.40 rad, near its limit at 3"):
        check_home(FrankyConfig(), limits)


@pytest.mark.parametrize("robot", ["franky", "fci-sim"])
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("franky: {rotational_stiffness: 41.0}", r"rotational_stiffness times error_clip_rad = 8\.2 N m"),
        ("limits: {low: [0.28, -0.3, 0.3, -0.2, -0.2, -2.8]}", r"at franky\.home the tool's z 0\.220"),
    ],
)
def test_a_franka_is_not_driven_with_a_dangerous_station(tmp_path: Path, robot: str, text: str, why: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=why):
        GraphSettings("run", tmp_path, RunOptions(robot=robot, lockstep=False), station=load_station(path))
