"""MuJoCo's arm as a backend, under the session of every arm."""

import pytest

from zprl_control.driver import Driver
from zprl_core.target import Pose6, Target
from zprl_sim.mujoco_driver import MujocoDriver
from zprl_sim.robot import SimRobot
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
