"""MuJoCo's arm as a backend, under the session of every arm."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from zprl_control.driver import Driver
from zprl_control.report import Report
from zprl_control.safety.command_arbiter import Priority
from zprl_control.safety.limits import Limits
from zprl_control.session import ArmSession
from zprl_core.arm_mode import ArmMode
from zprl_core.target import Pose6, Target
from zprl_sim.mujoco_driver import MujocoDriver
from zprl_sim.robot import SimRobot
from zprl_sim.settings import CONTROL_S
from zprl_sim.sim_arm import START
from zprl_sim.tasks.catalog import task_named

DOWN: Pose6 = (0.50, 0.10, 0.10, 0.0, 0.0, 0.5)


@pytest.fixture
def arm() -> MujocoDriver:
    arm = MujocoDriver(SimRobot(task_named("lift"), deployed=True, seed=3), clock=lambda: 7.0)
    arm.connect()
    return arm


def drive(arm: MujocoDriver, pose: Pose6, width: float, steps: int) -> None:
    arm.begin(Target(arm.read().pose, width))
    for _ in range(steps):
        arm.set_target(Target(pose, width))
        arm.read()


def test_it_is_a_backend_that_goes_where_it_is_told(arm: MujocoDriver) -> None:
    backend: Driver = arm
    drive(arm, DOWN, 0.04, 40)
    state = backend.read()
    assert state.pose == pytest.approx(DOWN, abs=2e-3) and state.width == pytest.approx(0.04, abs=1e-3)
    assert state.read_s == 7.0 and state.fault == "" and max(map(abs, state.twist)) < 0.01


def test_a_reset_is_slow_tells_how_far_it_is_and_opens_the_gripper(arm: MujocoDriver) -> None:
    drive(arm, DOWN, 0.0, 40)
    arm.reset()
    progress, speeds = [], []
    while arm.progress() < 1.0:
        state = arm.read()
        progress.append(arm.progress())
        speeds.append(sum(v * v for v in state.twist[:3]) ** 0.5)
    assert progress == sorted(progress) and len(progress) > 20 and max(speeds) < 0.15
    assert state.pose[:3] == pytest.approx(START, abs=5e-3) and state.width > 0.07


def test_a_reset_of_a_tool_that_is_tilted_at_its_start_ends_when_it_points_down(arm: MujocoDriver) -> None:
    drive(arm, (*START, 0.5, -0.4, 0.6), 0.08, 60)
    arm.reset()
    state = arm.read()
    while arm.progress() < 1.0:
        state = arm.read()
    assert state.pose == pytest.approx((*START, 0.0, 0.0, 0.0), abs=5e-3)


def test_halted_it_stays_and_the_reset_is_over(arm: MujocoDriver) -> None:
    drive(arm, DOWN, 0.04, 40)
    arm.reset()
    for _ in range(5):
        arm.read()
    arm.halt()
    assert arm.progress() == 1.0
    here = arm.read().pose
    for _ in range(20):
        arm.read()
    assert arm.read().pose == pytest.approx(here, abs=3e-3)


def test_pressing_down_on_a_thing_is_felt(arm: MujocoDriver) -> None:
    assert arm.read().wrench[2] == pytest.approx(0.0, abs=0.5)
    x, y, _ = arm.robot.things()["cube"].position
    drive(arm, (x, y, 0.10, 0.0, 0.0, 0.0), 0.0, 60)
    drive(arm, (x, y, 0.02, 0.0, 0.0, 0.0), 0.0, 20)
    assert arm.read().wrench[2] < -3.0  # Franka's sign


def session_over(arm: MujocoDriver, box: tuple[float, float, float]) -> ArmSession:
    """Enabled, with as much roll, pitch and yaw as the box has."""
    roll, pitch, yaw = box
    low, high = (0.28, -0.3, 0.012, -roll, -pitch, -yaw), (0.66, 0.3, 0.42, roll, pitch, yaw)
    limits = replace(Limits(), low=low, high=high, force=300.0, torque=60.0)
    session = ArmSession(arm, limits, CONTROL_S, tool_at=arm.robot.arm.tool_at)
    session.tick(7.0)
    session.enable()
    return session


def follow(session: ArmSession, target: Target, steps: int) -> Report:
    """A policy's command for so many control steps, of which the clock tells nothing."""
    for _ in range(steps):
        assert session.command(target, "policy", Priority.POLICY, 7.0) == ""
        report = session.tick(7.0)
    return report


@pytest.mark.parametrize(("roll", "pitch"), [(0.5, 0.0), (-0.5, 0.0), (0.0, 0.5), (0.4, -0.4)])
def test_a_tilt_is_followed_through_the_guards_and_back(arm: MujocoDriver, roll: float, pitch: float) -> None:
    session, there = session_over(arm, (1.0, 1.0, 2.8)), set()
    report = follow(session, Target((0.48, 0.05, 0.25, 0.0, 0.0, 0.0), 0.08), 30)
    for part in (*np.linspace(0.0, 1.0, 20), *[1.0] * 10, *np.linspace(1.0, 0.0, 20), *[0.0] * 10):
        pose: Pose6 = (0.48, 0.05, 0.25, part * roll, part * pitch, part * 0.3)
        report = follow(session, Target(pose, 0.08), 1)
        assert report.reason == "" and report.state is not None
        assert report.state.pose == pytest.approx(pose, abs=0.1)  # it lags
        if part in (0.0, 1.0) and report.state.pose == pytest.approx(pose, abs=0.005):
            there.add(part)
    assert there == {0.0, 1.0}
    session.close()


def test_the_default_box_clips_a_tilt(arm: MujocoDriver) -> None:
    session = session_over(arm, (0.2, 0.2, 2.8))
    report = follow(session, Target((0.48, 0.05, 0.25, 0.5, 0.0, 0.0), 0.08), 40)
    assert "roll outside the workspace" in report.reason
    assert report.state is not None and report.state.pose[3] == pytest.approx(0.2, abs=0.01)
    session.close()


def test_a_hand_turns_on_past_half_a_turn(arm: MujocoDriver) -> None:
    """From 2.9 to 3.5 rad, which is reported as -2.78, and back, without a turn the other way."""
    session = session_over(arm, (0.5, 0.5, 3.1415))
    for goal in (0.8, 1.6, 2.3, 2.9, 3.5, 2.9):
        yaws = []
        for _ in range(25):
            yaw = math.remainder(goal, math.tau)
            yaws.append(follow(session, Target((0.45, 0.0, 0.3, 0.0, 0.0, yaw), 0.08), 1).state.pose[5])  # type: ignore[union-attr]
        assert abs(math.remainder(yaws[-1] - goal, math.tau)) < 0.02
        assert max(abs(math.remainder(b - a, math.tau)) for a, b in itertools.pairwise(yaws)) < 0.15
    session.close()


def test_joints_are_followed_through_the_guards_and_the_tool_again(arm: MujocoDriver) -> None:
    session = session_over(arm, (1.0, 1.0, 2.8))
    home = arm.robot.home
    goal = tuple(q + d for q, d in zip(home, (0.3, -0.1, 0.2, -0.1, 0.2, 0.1, -0.4), strict=True))
    report = follow(session, Target(DOWN, 0.05, goal), 30)
    assert report.state is not None and report.state.joints == pytest.approx(goal, abs=5e-3)
    assert report.reason == "" and report.state.width == pytest.approx(0.05, abs=1e-3)
    before = report.state.pose
    report = follow(session, Target((before[0], before[1] - 0.05, *before[2:]), 0.05), 1)
    assert report.state is not None and report.state.pose == pytest.approx(before, abs=2e-3)  # no jump
    report = follow(session, Target((before[0], before[1] - 0.05, *before[2:]), 0.05), 30)
    assert report.state is not None and report.state.pose[1] == pytest.approx(before[1] - 0.05, abs=3e-3)
    session.pause()
    session.reset()
    while session.mode == ArmMode.RESET:
        report = session.tick(7.0)
    assert report.state is not None and report.state.joints == pytest.approx(home, abs=5e-3)  # its elbow, too
    session.close()
