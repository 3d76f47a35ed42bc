"""The simulated FCI, driven by the real driver. Lockstep throughout: nothing here depends on the speed of the machine.

What this shows is protocol, lifecycle and error handling; neither latency nor the exact thresholds of a real arm.
"""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import numpy as np
import pytest

franky = pytest.importorskip("franky", reason="the driver (franky-control) is not installed")
pytest.importorskip("franky_sim", reason="franky-sim is not installed")

from fci_driver import REST, STREAM_S, Driver, connect, driven, own_hostname, pose  # noqa: E402
from source_files import ROOT  # noqa: E402
from zprl_core.host.scheduling import PRIORITY  # noqa: E402
from zprl_sim.fci import simulator  # noqa: E402
from zprl_sim.fci.reflexes import ERRORS, Limits  # noqa: E402
from zprl_sim.fci.simulator import FciSim  # noqa: E402
from zprl_sim.tasks.catalog import task_named  # noqa: E402


@pytest.fixture(scope="module")
def shared() -> Iterator[Driver]:
    with driven() as driver:
        yield driver


@pytest.fixture
def arm(shared: Driver) -> Driver:
    shared.rest()
    return shared


def test_state_is_the_scene(arm: Driver) -> None:
    state = arm.robot.state
    assert state.robot_mode == franky.RobotMode.Idle
    assert np.allclose(state.q, arm.sim.joint_positions[:7], atol=1e-5)  # floats on the wire, doubles in the scene
    assert np.abs(state.O_F_ext_hat_K).max() < 0.1  # touches nothing
    # what holds the arm is its weight: joint 2 carries tens of N m, the vertical joint 1 none
    assert abs(state.tau_J[1]) > 10.0 and abs(state.tau_J[0]) < 0.1


def test_a_joint_reset_arrives(arm: Driver) -> None:
    goal = np.add(REST, [0.3, 0.1, -0.2, -0.1, 0.2, 0.1, -0.3])
    arm.robot.move(franky.JointMotion(list(goal)))
    arm.until(lambda: np.abs(arm.sim.joint_positions[:7] - goal).max() < 2e-3)


def test_a_streamed_circle_is_followed(arm: Driver, record_property: Callable[[str, object], None]) -> None:
    centre, errors = arm.tool, []
    with arm.tracker() as tracker:
        for angle in np.linspace(0.0, 2 * np.pi, 41)[1:]:
            target = centre + 0.02 * np.array([np.cos(angle) - 1.0, np.sin(angle), 0.0])
            tracker.set_target(pose(target))
            arm.sim.wait(STREAM_S)
            assert tracker.is_running
            errors.append(np.linalg.norm(arm.tool - target))
    record_property("mean_error_m", float(np.mean(errors)))
    record_property("max_error_m", float(np.max(errors)))
    print(f"circle: error mean {1e3 * np.mean(errors):.1f} mm, max {1e3 * np.max(errors):.1f} mm")
    assert np.max(errors) < 0.012  # the controller lags by 0.1 s at 63 mm/s


def test_the_gripper_closes_and_opens(arm: Driver) -> None:
    gripper = franky.Gripper(arm.sim.hostname)
    for width in (0.02, 0.08):
        assert gripper.move(width, 0.1)
        assert gripper.width == pytest.approx(width, abs=1e-3)
        assert arm.sim.joint_positions[7:].sum() == pytest.approx(width, abs=1e-3)


def test_a_cube_is_lifted(arm: Driver) -> None:
    arm.sim.reset_scene(seed=1)
    gripper, cube = franky.Gripper(arm.sim.hostname), arm.sim.things()["cube"]
    x, y, _ = cube.position
    assert not arm.sim.success
    with arm.tracker(stiffness=1500.0) as tracker:
        arm.stream(tracker, [x, y, 0.12], 20, cube.yaw)
        arm.stream(tracker, [x, y, 0.03], 15, cube.yaw)
        arm.sim.wait(0.5)
        assert gripper.grasp(0.05, 0.1, 30.0, epsilon_inner=0.03, epsilon_outer=0.03)
        arm.stream(tracker, [x, y, 0.18], 20, cube.yaw)
        arm.sim.wait(0.3)
        assert arm.sim.success
        # Franka reports what the robot exerts: it holds 80 g up
        assert arm.robot.state.O_F_ext_hat_K[2] == pytest.approx(0.08 * 9.81, abs=0.1)
    gripper.move(0.08, 0.1)
    arm.sim.reset_scene(seed=1)
    assert not arm.sim.success


def test_every_reflex_has_the_drivers_name(arm: Driver) -> None:
    for name in ERRORS:
        arm.sim.inject_reflex(name)
        state = arm.sees(lambda state, name=name: getattr(state.current_errors, name))
        assert [n for n in ERRORS if getattr(state.current_errors, n)] == [name]
        assert arm.robot.recover_from_errors()
    with pytest.raises(ValueError, match="unknown reflex 'hiccup'"):
        arm.sim.inject_reflex("hiccup")


def test_a_reflex_ends_the_motion_until_recovered(arm: Driver) -> None:
    with pytest.raises(franky.ControlException, match="cartesian_reflex"), arm.tracker() as tracker:
        arm.sim.wait(0.1)
        assert tracker.is_running
        arm.sim.inject_reflex("cartesian_reflex")
        arm.sees(lambda state: arm.robot.has_errors and not tracker.is_running)
    held = arm.sim.joint_positions[:7]
    assert arm.robot.state.robot_mode == franky.RobotMode.Reflex
    with pytest.raises(franky.CommandException, match="not possible in the current mode"):
        arm.robot.move(franky.JointMotion(REST))
    assert arm.robot.recover_from_errors()
    assert arm.robot.state.robot_mode == franky.RobotMode.Idle
    assert np.abs(arm.sim.joint_positions[:7] - held).max() < 1e-3  # nothing moved
    arm.robot.move(franky.JointMotion(REST))


def test_a_joint_limit_raises_a_reflex_and_the_way_back_is_open(arm: Driver) -> None:
    beyond = [*REST[:3], -3.12, *REST[4:]]  # joint 4 ends at -3.0421
    with pytest.raises(franky.ControlException, match="position_limits_violation"):
        arm.robot.move(franky.JointMotion(beyond))
    assert arm.robot.state.robot_mode == franky.RobotMode.Reflex
    assert -3.05 < arm.sim.joint_positions[3] < -2.95
    assert arm.robot.recover_from_errors()
    arm.robot.move(franky.JointMotion(REST))
    assert arm.robot.state.q[3] == pytest.approx(REST[3], abs=0.01)


def test_an_unreachable_target_ends_in_a_reflex(arm: Driver) -> None:
    with pytest.raises(franky.ControlException, match="motion aborted by reflex"), arm.tracker() as tracker:
        for _ in range(200):
            tracker.set_target(pose(np.array([2.0, 0.0, 0.3])))
            arm.sim.wait(STREAM_S)
            if not tracker.is_running:
                break
    assert arm.robot.state.robot_mode == franky.RobotMode.Reflex
    assert np.linalg.norm(arm.tool) < 1.0


def test_pressing_is_felt_and_a_threshold_makes_it_a_reflex() -> None:
    with driven() as arm:
        # the driver itself sets 20 N m and 30 N as it connects, which touching the table at 10 cm/s exceeds
        arm.robot.set_collision_behavior([100.0] * 7, [100.0] * 7, [100.0] * 6, [100.0] * 6)
        with arm.tracker() as tracker:
            arm.stream(tracker, [0.45, -0.22, 0.04], 20)  # beside every place of the cube
            arm.stream(tracker, [0.45, -0.22, -0.005], 15)  # the pads touch at 1 cm: 1.5 cm x 800 N/m = 12 N
            arm.sim.wait(0.5)
            state = arm.robot.state
            assert state.O_F_ext_hat_K[2] == pytest.approx(-12.0, abs=2.0)
            assert state.K_F_ext_hat_K[2] == pytest.approx(12.0, abs=2.0)  # the tool's z axis points down
            assert np.abs(state.tau_ext_hat_filtered).max() > 3.0
            arm.stream(tracker, [0.45, -0.22, 0.04], 10)
        arm.robot.set_collision_behavior([100.0] * 7, [100.0] * 7, [5.0] * 6, [6.0] * 6)
        with pytest.raises(franky.ControlException, match="cartesian_reflex"), arm.tracker() as tracker:
            arm.stream(tracker, [0.45, -0.22, -0.015], 15)
            arm.sim.wait(0.2)
        assert arm.robot.recover_from_errors()
        arm.sim.wait(0.5)  # at rest: a motion that begins while the tool still swings is no even one
        up = franky.Affine([0.0, 0.0, -0.05])  # in the tool's frame; the force is above the threshold still
        arm.robot.move(franky.CartesianMotion(up, franky.ReferenceType.Relative))
        assert not arm.robot.has_errors


def test_the_workspace_ends_a_stream() -> None:
    with driven(Limits(workspace=((0.2, 0.7), (-0.3, 0.08), (0.0, 0.6)))) as arm:
        x, _, z = arm.tool
        with pytest.raises(franky.ControlException, match="cartesian_position_limits_violation"), arm.tracker() as t:
            arm.stream(t, [x, 0.15, z], 20)
        assert arm.tool[1] == pytest.approx(0.08, abs=0.02)
        assert arm.robot.recover_from_errors()
        with arm.tracker() as tracker:
            arm.stream(tracker, [x, 0.0, z], 20)
        assert arm.tool[1] < 0.06


def preempt(arm: Driver, dynamics: float) -> None:
    """Motions at 20 Hz, each of which preempts the one before."""
    x, y, z = arm.tool
    for k in range(20):
        goal = pose(np.array([x + 0.02 * np.sin(0.2 * k), y, z]))
        motion = franky.CartesianMotion(goal, relative_dynamics_factor=dynamics, return_when_finished=False)
        arm.robot.move(motion, asynchronous=True)
        arm.sim.wait(STREAM_S)
        arm.robot.poll_motion()


def test_motions_that_preempt_each_other_fast_jump_and_slow_ones_do_not(arm: Driver) -> None:
    arm.robot.relative_dynamics_factor = 1.0
    try:
        with pytest.raises(franky.ControlException, match=r"cartesian_motion_generator_.*_discontinuity"):
            preempt(arm, dynamics=1.0)
        assert arm.robot.recover_from_errors()
        preempt(arm, dynamics=0.15)
        arm.robot.move(franky.CartesianStopMotion(0.15))
    finally:
        arm.robot.relative_dynamics_factor = 0.2


def test_the_users_stop_holds_until_released(arm: Driver) -> None:
    arm.sim.press_stop()
    arm.sees(lambda state: state.robot_mode == franky.RobotMode.UserStopped)
    with pytest.raises(franky.CommandException):
        arm.robot.recover_from_errors()
    arm.sim.release_stop()
    arm.sees(lambda state: state.robot_mode == franky.RobotMode.Idle)


def test_a_second_driver_is_refused(arm: Driver) -> None:
    with pytest.raises(franky.NetworkException):
        connect(arm.sim.hostname)
    arm.robot.move(franky.JointMotion(REST))  # the first one does not notice


def test_a_lost_server_is_noticed_and_a_new_one_found() -> None:
    hostname = own_hostname()
    with FciSim(task_named("lift"), hostname, lockstep=True) as sim:
        arm = Driver(sim)
        with pytest.raises(franky.NetworkException), arm.tracker():
            sim.wait(0.1)
            sim.close()
    with FciSim(task_named("lift"), hostname, lockstep=True):
        assert connect(hostname).state.robot_mode == franky.RobotMode.Idle
        connect(hostname)  # the last driver left: a new one is welcome


MOVES = """
import sys
from fci_driver import connect
import franky
robot = connect(sys.argv[1])
robot.relative_dynamics_factor = 0.02
print("moves", flush=True)
robot.move(franky.JointMotion([1.5, -0.22, 0.12, -2.57, 0.037, 2.353, 0.787]))
"""


def test_a_driver_that_falls_silent_and_dies_leaves_the_arm_standing() -> None:
    with FciSim(task_named("lift"), own_hostname(), lockstep=True, limits=Limits(lost_commands=3)) as sim:
        folder = ROOT / "tests" / "support"
        other = subprocess.Popen([sys.executable, "-c", MOVES, sim.hostname], cwd=folder, stdout=subprocess.PIPE)
        try:
            assert other.stdout is not None and other.stdout.readline() == b"moves\n"
            start = sim.joint_positions[0]
            while sim.joint_positions[0] < start + 0.01:
                sim.wait(0.01)
            other.send_signal(signal.SIGSTOP)
            sim.wait(0.01)  # ten steps: lockstep waits 600 ms for the first three
            assert sim.errors == {"communication_constraints_violation"}
        finally:
            other.kill()
            other.wait()
        sim.wait(0.05)
        held = sim.joint_positions[:7]
        robot = connect(sim.hostname)
        assert robot.state.robot_mode == franky.RobotMode.Reflex
        assert robot.recover_from_errors()
        assert np.abs(sim.joint_positions[:7] - held).max() < 5e-3
        del robot


def test_only_an_arm_that_must_keep_real_time_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(simulator, "go_first", lambda priority: asked.append(priority) or "SCHED_FIFO")
    for first, expected in ((False, []), (True, [simulator.CONTROL_BOX])):
        with FciSim(task_named("lift"), own_hostname(), first=first):
            assert asked == expected
    assert simulator.CONTROL_BOX < PRIORITY
