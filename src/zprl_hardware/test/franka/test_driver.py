"""The real franky driver in the arm's session, against the simulated FCI on loopback, for each way to control it.

In lockstep, and in the session's own clock, so a loaded machine is only slower. Nothing here says anything about
real-time latency.
"""

import functools
import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

pytest.importorskip("franky", reason="franky-control has no wheel for this machine")
pytest.importorskip("franky_sim", reason="franky-sim has no wheel for this machine")

from arm_harness import LIMITS, PERIOD_S, ArmHarness
from circle import track
from zprl_control.driver import ArmLost
from zprl_control.report import Report
from zprl_control.safety.command_arbiter import Priority
from zprl_core.arm_mode import ArmMode, IllegalTransition
from zprl_core.arm_model import FR3
from zprl_core.target import Pose6, Target
from zprl_hardware.franka.config import Control
from zprl_hardware.franka.kinematics import tool_at
from zprl_sim.fci.simulator import FciSim
from zprl_sim.tasks.catalog import task_named

CHANGES = "the arm is coming to rest before it follows joint commands"
HOST = "127.0.0.7"  # loopback has many addresses: tests beside this one take others
LOW = replace(  # the table is within this workspace, and the hand may tilt
    LIMITS, low=(*LIMITS.low[:2], -0.05, -0.6, -0.6, LIMITS.low[5]), high=(*LIMITS.high[:3], 0.6, 0.6, LIMITS.high[5])
)


@pytest.fixture(scope="module", params=Control, ids=lambda control: control.value)
def shared(request: pytest.FixtureRequest) -> Iterator[ArmHarness]:
    with FciSim(task_named("lift"), HOST, lockstep=True) as fci:
        lab = ArmHarness(HOST, request.param, fci, LOW)
        yield lab
        lab.close()


@pytest.fixture
def lab(shared: ArmHarness) -> ArmHarness:
    """Connected, armed."""
    shared.armed()
    return shared


def pose_from(report: Report) -> Pose6:
    assert report.state is not None
    return report.state.pose


def again_after_a_planner_fault(test: Callable[[ArmHarness], None]) -> Callable[[ArmHarness], None]:
    """Once more: franky's planner finds no trajectory (-110, -111) for one in thousands of preempted motions."""

    @functools.wraps(test)
    def wrapped(lab: ArmHarness) -> None:
        try:
            test(lab)
        except AssertionError as error:
            if "Motion planner failed" not in f"{error} {lab.tick().reason}":
                raise
            lab.armed()
            test(lab)

    return wrapped


@again_after_a_planner_fault
def test_a_circle_is_followed_and_silence_holds_the_arm(lab: ArmHarness) -> None:
    assert pose_from(lab.ready())[:3] == pytest.approx((0.45, 0.0, 0.22), abs=0.01)
    tracked = track(lab, radius=0.02, turn_s=2.0, turns=1)
    assert tracked.aborts == 0
    assert tracked.errors.max() < 0.02, f"tracking error up to {1e3 * tracked.errors.max():.0f} mm"
    quiet = [lab.tick() for _ in range(4)]
    # the last command is 0.025 s old in its own tick: at 0.175 s it still counts as fresh, at 0.225 s it does not
    assert [report.mode for report in quiet] == [ArmMode.STREAM] * 3 + [ArmMode.HOLD]
    assert quiet[-1].reason == "test is silent"
    lab.session.hold()
    for _ in range(10):
        still = pose_from(lab.tick())
    for _ in range(10):
        report = lab.tick()
    assert report.mode == ArmMode.HOLD and math.dist(pose_from(report)[:3], still[:3]) < 0.005


def test_a_reset_lifts_the_tool_out_before_it_goes_home(lab: ArmHarness) -> None:
    """Out of a tray with the hand still in it: sideways first, or with open fingers, would tear at its wall."""
    lab.ready()
    report = lab.go((0.45, -0.22, 0.18, 0.0, 0.0, 0.0), 0.1)
    while pose_from(report)[1] > -0.2:
        report = lab.go((0.45, pose_from(report)[1] - 0.02, 0.18, 0.0, 0.0, 0.0), 0.05)
    while pose_from(report)[2] > 0.07:
        report = lab.go((0.45, -0.22, pose_from(report)[2] - 0.02, 0.0, 0.0, 0.0), 0.05)
    for _ in range(20):
        report = lab.go((0.45, -0.22, 0.06, 0.0, 0.0, 0.0), 0.05, 0.0)
    lab.session.hold()
    lab.session.reset()
    low, widths = [], []
    while lab.session.mode == ArmMode.RESET:
        report = lab.tick()
        pose = pose_from(report)
        if pose[2] < 0.13 and report.state is not None:
            low.append(pose[:2])
            widths.append(report.state.width)
    assert low and all(math.dist(there, low[0]) < 0.01 for there in low)
    assert max(widths) < 0.01
    report = lab.tick()
    assert pose_from(report)[:3] == pytest.approx((0.45, 0.0, 0.22), abs=0.01)
    assert report.state is not None and report.state.width > 0.07


@again_after_a_planner_fault
def test_a_turn_and_a_tilt_of_the_hand_are_followed_and_back(lab: ArmHarness) -> None:
    """Roll by 0.5 rad, pitch by -0.3, yaw by 0.3: by up to 0.02 rad a step."""
    x, y, z, _, _, yaw = pose_from(lab.ready())
    for parts in (range(1, 26), range(24, -1, -1)):
        for part in (*parts, *[parts[-1]] * 15):
            goal: Pose6 = (x, y, z, 0.02 * part, -0.012 * part, yaw + 0.012 * part)
            report = lab.follow(goal)
            assert report.reason == "", report.reason
        assert pose_from(report)[3:] == pytest.approx(goal[3:], abs=0.03)
        assert pose_from(report)[:3] == pytest.approx((x, y, z), abs=0.01)


def to_joints(lab: ArmHarness, goal: tuple[float, ...], seconds: float) -> Report:
    """A policy's commands in joints, of 0.05 rad a step, for so long."""
    for _ in range(round(seconds / PERIOD_S)):
        assert lab.session._state is not None
        at = lab.session._state.joints
        step = tuple(q + min(max(g - q, -0.05), 0.05) for q, g in zip(at, goal, strict=True))
        why = lab.session.command(Target((0.0,) * 6, 0.08, step), "test", Priority.TOOL, lab.now + PERIOD_S / 2)
        assert why == "", why
        report = lab.tick()
        assert report.mode == ArmMode.STREAM and report.reason in ("", CHANGES), report.reason
    return report


@again_after_a_planner_fault
def test_targets_in_joints_are_followed_and_the_tools_again_after_them(lab: ArmHarness) -> None:
    """By springs of the joints, or by planned motions of them. The hand turns by 0.3 rad, the tool goes aside."""
    lab.ready()
    goal = tuple(q + d for q, d in zip(FR3.home, (0.2, -0.05, 0.0, -0.1, 0.0, 0.05, -0.3), strict=True))
    report = to_joints(lab, goal, 3.0)
    assert report.state is not None and report.command is not None
    assert report.state.joints == pytest.approx(goal, abs=0.005) and report.command.target.joints == pytest.approx(goal)
    x, y, z, roll, pitch, yaw = report.state.pose
    assert report.state.pose == pytest.approx(tool_at(goal), abs=0.01) and y > 0.06
    before = report.state.pose
    for _ in range(20):
        report = lab.follow((x, y - 0.02, z, roll, pitch, yaw))
    assert pose_from(report)[:2] == pytest.approx((x, y - 0.02), abs=0.005)
    assert report.command is not None and report.command.target.joints is None
    assert math.dist(before[:3], pose_from(report)[:3]) < 0.03
    report = to_joints(lab, goal, 2.0)
    assert report.state is not None and report.state.joints == pytest.approx(goal, abs=0.005)
    assert lab.fci is not None and not lab.fci.errors
    lab.ready()  # where the tests that follow begin


def test_a_reflex_stops_it_until_a_person_recovers_it(lab: ArmHarness) -> None:
    x, y, z, *angles = pose_from(lab.tick())
    start: Pose6 = (x, y, z, angles[0], angles[1], angles[2])
    lab.go(start, 0.1)
    assert lab.fci is not None
    lab.fci.inject_reflex("cartesian_reflex")
    report = lab.until(lambda report: report.mode == ArmMode.FAULT)
    assert "cartesian_reflex" in report.reason
    assert "recover it first" in lab.session.command(Target(start, 0.08), "test", Priority.TOOL, lab.now)
    with pytest.raises(IllegalTransition, match="recover it first"):
        lab.session.enable()
    for _ in range(10):
        assert lab.tick().mode == ArmMode.FAULT  # nobody but a person gets it out of there
    assert lab.fci.errors == {"cartesian_reflex"}
    lab.session.recover()
    assert lab.session.mode == ArmMode.IDLE and not lab.fci.errors
    lab.armed()
    there = lab.go((x, y + 0.02, z, angles[0], angles[1], angles[2]), 0.8)
    assert there.mode == ArmMode.STREAM and pose_from(there)[1] == pytest.approx(y + 0.02, abs=0.006)


def test_the_users_stop_is_a_fault_without_an_error_of_the_arm(lab: ArmHarness) -> None:
    assert lab.fci is not None
    lab.fci.press_stop()
    report = lab.until(lambda report: report.mode == ArmMode.FAULT)
    assert "stopped by itself" in report.reason
    with pytest.raises(ArmLost, match="release its stop, then call again"):
        lab.session.recover()
    lab.fci.release_stop()
    lab.session.recover()
    assert lab.armed().mode == ArmMode.HOLD


def test_a_target_in_the_table_is_pressed_upon_softly_or_ends_in_a_clear_fault(lab: ArmHarness) -> None:
    """The springs of the impedance press with 800 N/m x 0.03 m at most; the others are stiff."""
    lab.go((0.45, -0.22, 0.06, 0.0, 0.0, 0.0), 1.2)  # beside every place of the cube
    for k in range(30):
        down = Target((0.45, -0.22, 0.06 - 0.003 * k, 0.0, 0.0, 0.0), 0.08)
        lab.session.command(down, "test", Priority.TOOL, lab.now)
        report = lab.tick()
    assert report.state is not None and report.state.pose[2] > 0.0
    if lab.arm.config.control == Control.IMPEDANCE:
        assert report.mode == ArmMode.STREAM and -30.0 < report.state.wrench[2] < -10.0
    else:
        assert report.mode == ArmMode.FAULT and ("external force" in report.reason or "reflex" in report.reason)
