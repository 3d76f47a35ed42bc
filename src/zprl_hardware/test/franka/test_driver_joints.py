"""The real driver before the end of a joint of the simulated FCI: it stops without a reflex, and a person goes on."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

pytest.importorskip("franky", reason="franky-control has no wheel for this machine")
pytest.importorskip("franky_sim", reason="franky-sim has no wheel for this machine")

from arm_harness import LIMITS, PERIOD_S, ArmHarness
from zprl_control.report import Report
from zprl_control.safety.command_arbiter import Priority
from zprl_core.arm_mode import ArmMode
from zprl_core.target import Pose6, Target
from zprl_hardware.franka.config import Control
from zprl_sim.fci import reflexes
from zprl_sim.fci.simulator import FciSim
from zprl_sim.tasks.catalog import task_named

HOST = "127.0.0.10"
END = 1.6  # of joint 7 [rad]; at the start it is at 0.77
HIGH = (*LIMITS.joint_high[:6], END)
BACK: Pose6 = (0.0, 0.0, 0.0, 0.0, 0.0, 0.8)  # joint 7 turns against the yaw


@pytest.fixture
def lab() -> Iterator[ArmHarness]:
    """Armed at its start, with a joint 7 that ends early: for the guard, and for the arm's own reflex."""
    with FciSim(task_named("lift"), HOST, lockstep=True, limits=reflexes.Limits(joint_high=HIGH)) as fci:
        lab = ArmHarness(HOST, Control.IMPEDANCE, fci, replace(LIMITS, joint_high=HIGH))
        lab.ready()
        yield lab
        lab.close()


def turn(lab: ArmHarness, before: Report, source: str, priority: Priority, by: float = -1.2) -> Report:
    """One step of somebody who turns the hand as fast as may be."""
    assert before.state is not None
    x, y, z, roll, pitch, yaw = before.state.pose
    goal = Target((x, y, z, roll, pitch, yaw + by), 0.08)
    why = lab.session.command(goal, source, priority, lab.now + PERIOD_S / 2)
    assert why == "", why
    return lab.tick()


def seventh(report: Report) -> float:
    assert report.state is not None
    return report.state.joints[6]


def test_a_policy_is_stopped_before_the_end_of_a_joint_and_goes_on_when_a_person_has_driven_back(
    lab: ArmHarness,
) -> None:
    assert lab.fci is not None
    reports = [lab.tick()]
    for _ in range(60):
        reports.append(turn(lab, reports[-1], "policy", Priority.POLICY))
    assert reports[6].mode == ArmMode.STREAM and reports[-1].mode == ArmMode.HOLD and not lab.fci.errors
    assert "joint 7" in reports[-1].reason and "toward its limit at 1.60" in reports[-1].reason
    angles = [seventh(report) for report in reports]
    assert 1.2 < max(angles) < END - 0.02 and abs(angles[-1] - angles[-10]) < 0.005  # it came there, and stands
    for _ in range(20):
        lab.session.nudge(BACK, None, "keyboard", Priority.PERSON, lab.now + PERIOD_S / 2)
        report = lab.tick()
    assert report.mode == ArmMode.STREAM and report.reason == "" and seventh(report) < angles[-1] - 0.3
    for _ in range(25):  # the person's hold-off
        lab.tick()
    assert turn(lab, lab.tick(), "policy", Priority.POLICY, by=0.1).mode == ArmMode.STREAM


def test_a_person_is_not_stopped_and_meets_the_arms_own_reflex(lab: ArmHarness) -> None:
    """So the end of the test above is a real one."""
    report = lab.tick()
    for _ in range(60):
        if report.mode != ArmMode.FAULT:
            report = turn(lab, report, "keyboard", Priority.PERSON)
    assert report.mode == ArmMode.FAULT and "joint_position_limits_violation" in report.reason
