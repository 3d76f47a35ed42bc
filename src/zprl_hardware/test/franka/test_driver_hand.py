"""The real franky driver and a simulated hand that is not homed, or refuses to move."""

from collections.abc import Iterator

import pytest

pytest.importorskip("franky", reason="franky-control has no wheel for this machine")
pytest.importorskip("franky_sim", reason="franky-sim has no wheel for this machine")

from arm_harness import ArmHarness
from zprl_control.driver import ArmLost
from zprl_control.report import Report
from zprl_control.safety.checks import Refused
from zprl_core.arm_mode import ArmMode
from zprl_core.gripper_state import GripperMode
from zprl_hardware.franka.config import Control
from zprl_hardware.franka.probe import read_gripper
from zprl_sim.fci.hand import Hand
from zprl_sim.fci.simulator import FciSim
from zprl_sim.tasks.catalog import task_named

HOST = "127.0.0.12"


@pytest.fixture(scope="module")
def lab() -> Iterator[ArmHarness]:
    with FciSim(task_named("lift"), HOST, lockstep=True, hand=Hand.NOT_HOMED) as fci:
        lab = ArmHarness(HOST, Control.IMPEDANCE, fci)
        yield lab
        lab.close()


def gripper(report: Report) -> GripperMode:
    assert report.state is not None
    return report.state.gripper.mode


def is_in(mode: GripperMode) -> object:
    return lambda report: report.state is not None and gripper(report) == mode


def recovered(lab: ArmHarness) -> None:
    """Recover the arm; the call is repeated while it takes longer."""

    def done(report: Report) -> bool:
        try:
            lab.session.recover()
        except ArmLost:
            return False
        return True

    lab.until(done)


def test_a_hand_that_is_not_homed_is_homed_when_the_arm_is_enabled(lab: ArmHarness) -> None:
    lab.until(is_in(GripperMode.NOT_HOMED))  # type: ignore[arg-type]
    assert lab.session.mode == ArmMode.IDLE
    lab.session.enable()
    assert gripper(lab.tick()) == GripperMode.HOMING
    with pytest.raises(Refused, match="being homed"):
        lab.session.reset()
    lab.until(is_in(GripperMode.HOLDING))  # type: ignore[arg-type]
    assert lab.session.mode == ArmMode.HOLD


def test_a_hand_that_refuses_stops_the_program_and_a_reset_with_the_reason(lab: ArmHarness) -> None:
    assert lab.fci is not None
    lab.armed()
    pose = lab.until(is_in(GripperMode.HOLDING)).state.pose  # type: ignore[union-attr,arg-type]
    lab.fci.set_hand(Hand.REFUSES)
    lab.follow(pose, 0.0)
    report = lab.until(lambda report: report.mode == ArmMode.FAULT)
    assert "the gripper does not follow" in report.reason and "arm/home_gripper" in report.reason
    assert report.state is not None and report.state.width > 0.07
    recovered(lab)
    lab.until(is_in(GripperMode.HOLDING))  # type: ignore[arg-type]
    lab.session.enable()
    lab.session.home_gripper()
    report = lab.until(is_in(GripperMode.REFUSED))  # type: ignore[arg-type]
    assert report.state is not None and "check the hand in Desk" in report.state.gripper.reason
    lab.fci.set_hand(Hand.HOMED)
    assert lab.armed().mode == ArmMode.HOLD


def test_a_hand_that_loses_its_homing_stops_the_program_and_is_homed_by_the_service(lab: ArmHarness) -> None:
    assert lab.fci is not None
    lab.armed()
    pose = lab.until(is_in(GripperMode.HOLDING)).state.pose  # type: ignore[union-attr,arg-type]
    lab.follow(pose, 0.08)
    lab.fci.set_hand(Hand.NOT_HOMED)
    for _ in range(20):
        if lab.session.mode == ArmMode.STREAM:
            lab.follow(pose, 0.08)
    assert lab.session.mode == ArmMode.FAULT and "not homed" in lab.session.reason
    lab.session.home_gripper()
    lab.until(is_in(GripperMode.HOLDING))  # type: ignore[arg-type]
    recovered(lab)
    assert lab.armed().mode == ArmMode.HOLD


def test_the_doctor_reads_whether_the_hand_is_homed() -> None:
    with FciSim(task_named("lift"), "127.0.0.13", hand=Hand.NOT_HOMED):
        reading = read_gripper("127.0.0.13")
    assert (reading.trouble, reading.max_width, reading.width) == ("", 0.0, pytest.approx(0.08, abs=0.005))
