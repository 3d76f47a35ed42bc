"""The real franky driver and what goes wrong around it: cables, other drivers, stops that overtake; and its gripper."""

import math
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

franky = pytest.importorskip("franky", reason="franky-control has no wheel for this machine")
pytest.importorskip("franky_sim", reason="franky-sim has no wheel for this machine")

from arm_harness import LIMITS, ArmHarness  # noqa: E402
from zprl_control.driver import ArmLost  # noqa: E402
from zprl_core.arm_mode import ArmMode  # noqa: E402
from zprl_core.arm_model import FR3  # noqa: E402
from zprl_hardware.franka import driver  # noqa: E402
from zprl_hardware.franka.config import Control, FrankyConfig  # noqa: E402
from zprl_hardware.franka.driver import FrankyDriver  # noqa: E402
from zprl_sim.fci.simulator import FciSim  # noqa: E402
from zprl_sim.tasks.catalog import task_named  # noqa: E402

HOST = "127.0.0.8"
CABLE = "127.0.0.6"


@pytest.fixture(scope="module")
def shared() -> Iterator[ArmHarness]:
    with FciSim(task_named("lift"), HOST, lockstep=True) as fci:
        lab = ArmHarness(HOST, Control.IMPEDANCE, fci)
        yield lab
        lab.close()


@pytest.fixture
def lab(shared: ArmHarness) -> ArmHarness:
    """Connected, armed."""
    shared.armed()
    return shared


def tool(lab: ArmHarness) -> tuple[float, ...]:
    state = lab.tick().state
    assert state is not None
    return state.pose[:3]


def test_a_target_far_away_is_refused_and_one_outside_the_box_is_held_at_its_wall(lab: ArmHarness) -> None:
    lab.ready()
    start = tool(lab)
    report = lab.follow((1.5, 0.0, 0.3, 0.0, 0.0, 0.0))
    assert report.command is not None and report.command.refused and "from the tool" in report.reason
    assert math.dist(tool(lab), start) < 0.01
    for k in range(30):
        report = lab.follow((0.45 + 0.01 * k, 0.0, 0.22, 0.0, 0.0, 0.0))  # up to 0.74
    assert report.mode == ArmMode.STREAM and report.command is not None
    assert report.command.target.pose[0] == pytest.approx(LIMITS.high[0]) and "x" in report.reason
    assert LIMITS.high[0] - 0.02 < tool(lab)[0] < LIMITS.high[0] + 0.02  # the springs let it swing a little


def test_a_reset_goes_home_slowly_and_says_how_far_it_is(lab: ArmHarness) -> None:
    lab.go((0.45, 0.12, 0.25, 0.0, 0.0, 0.3), 2.5)  # and stand still
    lab.session.hold()
    lab.session.reset()
    speeds, progress = [0.0], []
    while (report := lab.tick()).mode == ArmMode.RESET:
        assert report.state is not None
        speeds.append(float(np.abs(report.state.joint_velocities).max()))
        progress.append(lab.session.progress())
    assert report.mode == ArmMode.HOLD and report.state is not None
    assert np.abs(np.subtract(report.state.joints, FR3.home)).max() < 0.01
    assert 0.02 < max(speeds) < 0.2 * 2.62  # of the slowest joints' own limit [rad/s]
    assert all(0.0 <= p < 1.0 for p in progress[:-1]) and max(progress[:-1]) > 0.9


def test_a_stop_overtakes_a_reset_that_was_asked_for(lab: ArmHarness) -> None:
    lab.ready()
    x, y, z = tool(lab)
    for k in range(20):
        lab.follow((x, y + 0.004 * k, z, 0.0, 0.0, 0.0))  # away from the start
    lab.session.hold()
    lab.session.reset()
    lab.session.estop()
    before = tool(lab)
    for _ in range(10):
        after = tool(lab)
    assert lab.session.mode == ArmMode.ESTOP and math.dist(before, after) < 0.02
    assert math.dist(after, (x, y, z)) > 0.03  # it did not go home


def test_a_reset_asked_for_anew_does_not_end_with_the_one_that_was_stopped(lab: ArmHarness) -> None:
    lab.go((0.45, 0.12, 0.25, 0.0, 0.0, 0.3), 1.0)
    lab.session.hold()
    lab.session.reset()
    for _ in range(8):
        lab.tick()
    lab.session.stop()
    lab.session.enable()  # at once, while the arm still brakes
    lab.session.reset()
    report = lab.until(lambda report: report.mode != ArmMode.RESET)
    assert report.mode == ArmMode.HOLD and lab.session.arrived and report.state is not None
    assert np.abs(np.subtract(report.state.joints, FR3.home)).max() < 0.01


def test_a_hold_ends_a_reset_where_it_is(lab: ArmHarness) -> None:
    lab.go((0.45, 0.12, 0.25, 0.0, 0.0, 0.3), 1.0)
    lab.session.hold()
    lab.session.reset()
    for _ in range(8):
        lab.tick()
    lab.session.hold()
    lab.until(lambda report: report.mode == ArmMode.HOLD)
    assert math.dist(tool(lab), (0.45, 0.0, 0.22)) > 0.02
    lab.session.enable()
    assert lab.follow((*tool(lab), 0.0, 0.0, 0.4)).mode == ArmMode.STREAM


def test_the_gripper_closes_and_opens(lab: ArmHarness) -> None:
    pose = (*tool(lab), 0.0, 0.0, 0.0)
    for asked, width in ((0.01, 0.0), (0.05, 0.0), (0.07, 0.08), (0.03, 0.08)):  # in between it stays as it is
        lab.go(pose, 0.5, asked)
        lab.session.pause()
        report = lab.until(lambda report, w=width: abs(report.state.width - w) < 0.003)
        assert report.state is not None and report.state.gripper.trouble == ""


def test_a_stop_ends_the_fingers_motion_too(lab: ArmHarness) -> None:
    pose = (*tool(lab), 0.0, 0.0, 0.0)
    lab.go(pose, 0.3, 0.08)
    lab.until(lambda report: report.state.width > 0.077)
    lab.follow(pose, 0.0)
    lab.until(lambda report: report.state.width < 0.06)
    lab.session.estop()
    for _ in range(30):
        report = lab.tick()
    assert report.state is not None and report.state.width > 0.02
    assert report.state.gripper.trouble == ""


def test_what_the_hand_holds_when_the_arm_is_armed_it_goes_on_holding(lab: ArmHarness) -> None:
    """Armed anew, the arm is told the width that it has: that is no command to open to it."""
    assert lab.fci is not None
    lab.ready()
    lab.fci.reset_scene(seed=1)
    cube = lab.fci.things()["cube"]
    x, y, _ = cube.position
    for z, width in ((0.12, 0.08), (0.03, 0.08), (0.03, 0.0)):
        lab.go((x, y, z, 0.0, 0.0, cube.yaw), 1.2, width)
    lab.session.stop()
    lab.tick()
    lab.session.enable()
    report = lab.tick()
    assert report.state is not None
    here = report.state.pose
    report = lab.go((*here[:2], 0.18, *here[3:]), 1.5, report.state.width)
    assert lab.fci.success and report.state is not None and report.state.width < 0.06


def test_it_holds_an_object_and_lifts_it(lab: ArmHarness) -> None:
    assert lab.fci is not None
    lab.ready()
    lab.fci.reset_scene(seed=1)
    cube = lab.fci.things()["cube"]
    x, y, _ = cube.position
    lab.go((x, y, 0.12, 0.0, 0.0, cube.yaw), 1.0)
    lab.go((x, y, 0.03, 0.0, 0.0, cube.yaw), 1.0)
    lab.go((x, y, 0.03, 0.0, 0.0, cube.yaw), 1.0, width=0.0)
    report = lab.go((x, y, 0.18, 0.0, 0.0, cube.yaw), 1.0, width=0.0)
    assert lab.fci.success
    assert report.state is not None and 0.02 < report.state.width < 0.06  # it told 0, and the cube is between


def test_a_second_driver_is_refused_and_the_first_goes_on(lab: ArmHarness) -> None:
    second = FrankyDriver(FrankyConfig(hostname=HOST, enforce_realtime=False))
    try:
        why = ""
        here = tool(lab)
        for _ in range(100):
            try:
                second.connect()
            except ArmLost as lost:
                why = str(lost)
            assert lab.follow((*here, 0.0, 0.0, 0.0)).mode == ArmMode.STREAM
            if "no answer yet" not in why:
                break
        assert f"the arm at {HOST} is not reachable" in why and "stop any other program that drives the arm" in why
    finally:
        second.close()


def test_a_recovery_that_lasts_blocks_nobody(lab: ArmHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lasts less than the second after which libfranka takes a silent arm for lost."""
    assert lab.fci is not None
    lab.fci.inject_reflex("joint_reflex")
    lab.until(lambda report: report.mode == ArmMode.FAULT)
    with lab.fci.frozen(), monkeypatch.context() as patience:  # the arm does not answer
        patience.setattr(driver, "RECOVER_S", 0.1)
        for _ in range(2):
            with pytest.raises(ArmLost, match="still recovering; call again"):
                lab.session.recover()
    assert lab.until(lambda report: not lab.fci.errors).mode == ArmMode.FAULT  # type: ignore[union-attr]  # it goes on
    lab.session.recover()
    assert lab.session.mode == ArmMode.IDLE


@pytest.mark.parametrize("control", Control, ids=lambda control: control.value)
def test_a_pulled_cable_and_its_return(control: Control) -> None:
    with FciSim(task_named("lift"), CABLE, lockstep=True) as fci:
        lab = ArmHarness(CABLE, control, fci)
        start = lab.armed().state
        assert start is not None
        lab.go(start.pose, 0.1)
    report = lab.until(lambda report: report.mode == ArmMode.DISCONNECTED)
    assert f"the arm at {CABLE} is not reachable" in report.reason
    with FciSim(task_named("lift"), CABLE, lockstep=True) as fci:
        lab.fci = fci
        report = lab.until(lambda report: report.mode != ArmMode.DISCONNECTED)
        assert report.mode == ArmMode.IDLE  # a person arms it again, nobody else
        lab.armed()
        assert lab.go(start.pose, 0.1).mode == ArmMode.STREAM
        lab.close()


def test_an_arm_that_falls_silent_is_lost_and_found() -> None:
    """A cable that is pulled says no goodbye: no socket is closed."""
    with FciSim(task_named("lift"), CABLE, lockstep=True) as fci:
        lab = ArmHarness(CABLE, Control.IMPEDANCE, fci)
        lab.armed()
        frozen, back = threading.Event(), threading.Event()

        def freeze() -> None:
            with fci.frozen():
                frozen.set()
                back.wait(600.0)

        thread = threading.Thread(target=freeze)
        thread.start()
        frozen.wait()
        lab.fci, lab.now = None, time.monotonic()
        assert "state is" in lab.until(lambda report: report.mode == ArmMode.FAULT).reason
        report = lab.until(lambda report: report.mode == ArmMode.DISCONNECTED)
        assert f"the arm at {CABLE} is not reachable" in report.reason
        back.set()
        thread.join()
        lab.fci = fci
        assert lab.armed().mode == ArmMode.HOLD
        lab.close()
