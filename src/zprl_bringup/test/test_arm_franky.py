"""The real franky driver in the arm's session, against the simulated FCI on loopback: protocol, lifecycle, faults.

In lockstep, so a loaded machine is only slower. Nothing here says anything about real-time latency.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

pytest.importorskip("franky", reason="franky-control has no wheel for this machine")
pytest.importorskip("franky_sim", reason="franky-sim has no wheel for this machine")

from zprl.safety.lease import Rank
from zprl.safety.limits import Limits
from zprl.safety.modes import ArmMode
from zprl.safety.target import Target
from zprl_bringup.arm_franky import FrankyArm, FrankyConfig
from zprl_bringup.arm_session import ArmSession, Report
from zprl_sim.fci import FciSim
from zprl_sim.tasks import task_named

HOST = "127.0.0.7"  # loopback has many addresses: tests beside this one take others
PERIOD_S = 0.05
CONFIG = FrankyConfig(hostname=HOST, enforce_realtime=False)

pytestmark = pytest.mark.timeout(180)


class Lab:
    """A session driven at its pace."""

    def __init__(self) -> None:
        limits = replace(Limits(), force=60.0, torque=20.0, state_s=5.0)  # of a machine that is busy with other tests
        self.session = ArmSession(FrankyArm(CONFIG), limits, PERIOD_S)

    def tick(self) -> Report:
        time.sleep(PERIOD_S)
        return self.session.tick(time.monotonic())

    def until(self, condition: Callable[[Report], bool], seconds: float = 60.0) -> Report:
        end = time.monotonic() + seconds
        while not condition(report := self.tick()):
            assert time.monotonic() < end, (report.mode, report.reason)
        return report

    def follow(self, target: Target) -> Report:
        assert self.session.command(target, "test", Rank.TOOL, time.monotonic()) == ""
        return self.tick()

    def close(self) -> None:
        self.session.close()


@pytest.fixture
def fci() -> Iterator[FciSim]:
    with FciSim(task_named("lift"), HOST, lockstep=True) as sim:
        yield sim


@pytest.fixture
def lab(fci: FciSim) -> Iterator[Lab]:
    """Connected, armed, at its start."""
    lab = Lab()
    lab.until(lambda report: report.mode == ArmMode.IDLE)
    lab.session.arm()
    lab.session.reset()
    lab.until(lambda report: report.mode == ArmMode.HOLD)
    yield lab
    lab.close()


def test_a_circle_the_gripper_and_silence(lab: Lab) -> None:
    start = lab.tick()
    assert start.state is not None and start.state.pose[:3] == pytest.approx((0.45, 0.0, 0.22), abs=0.02)
    x, y, z = start.state.pose[:3]
    errors = []
    for k in range(60):
        a = math.tau * k / 60
        target = Target((x + 0.03 * math.sin(a), y + 0.03 * (1 - math.cos(a)), z, 0.0, 0.0, 0.0), 0.02)
        report = lab.follow(target)
        assert report.mode == ArmMode.STREAM and report.state is not None and report.told is not None
        errors.append(math.dist(report.told.target.pose[:3], report.state.pose[:3]))
    assert max(errors) < 0.05, f"tracking error up to {1e3 * max(errors):.0f} mm"
    quiet = lab.until(lambda report: report.mode == ArmMode.HOLD)
    assert quiet.reason == "test is silent"
    lab.session.hold()
    lab.until(lambda report: report.state is not None and abs(report.state.width - 0.02) < 0.005)


def test_a_reflex_stops_it_until_a_person_recovers_it(fci: FciSim, lab: Lab) -> None:
    fci.inject_reflex("cartesian_reflex")
    report = lab.until(lambda report: report.mode == ArmMode.FAULT)
    assert "cartesian_reflex" in report.reason
    assert "recover" in lab.session.command(Target(lab_pose(report), 0.04), "test", Rank.TOOL, time.monotonic())
    lab.session.recover()
    lab.session.arm()
    assert lab.tick().mode == ArmMode.HOLD


def test_a_stop_overtakes_a_reset_that_was_asked_for(lab: Lab) -> None:
    x, y, z, *angles = lab_pose(lab.tick())
    for k in range(20):
        lab.follow(Target((x, y + 0.004 * k, z, *angles), 0.08))  # away from the start
    lab.session.hold()
    lab.session.reset()
    lab.session.estop()
    before = lab_pose(lab.tick())
    for _ in range(20):
        after = lab_pose(lab.tick())
    assert lab.session.mode == ArmMode.ESTOP and math.dist(before[:3], after[:3]) < 0.01
    assert math.dist(after[:3], (x, y, z)) > 0.03  # it did not go home


def test_a_target_out_of_reach_is_refused_and_the_arm_stays(lab: Lab) -> None:
    before = lab_pose(lab.tick())
    report = lab.follow(Target((1.5, 0.0, 0.3, 0.0, 0.0, 0.0), 0.08))
    assert report.told is not None and report.told.refused and "from the tool" in report.reason
    assert math.dist(lab_pose(lab.tick())[:3], before[:3]) < 0.01


def test_a_pulled_cable_and_its_return() -> None:
    with FciSim(task_named("lift"), HOST, lockstep=True):
        lab = Lab()
        lab.until(lambda report: report.mode == ArmMode.IDLE)
        lab.session.arm()
    report = lab.until(lambda report: report.mode in (ArmMode.DISCONNECTED, ArmMode.FAULT))
    assert report.reason
    with FciSim(task_named("lift"), HOST, lockstep=True):
        lab.until(lambda report: report.mode in (ArmMode.IDLE, ArmMode.FAULT) and report.state is not None)
        lab.until(lambda report: recovered(lab), seconds=30.0)
        lab.close()


def recovered(lab: Lab) -> bool:
    """Back to a state from which a person may arm it."""
    if lab.session.mode == ArmMode.FAULT:
        lab.session.recover()
    return lab.session.mode == ArmMode.IDLE


def lab_pose(report: Report) -> tuple[float, float, float, float, float, float]:
    assert report.state is not None
    return report.state.pose
