"""An arm whose joints come near their ends: who may move it then, and where it stops. Tasks stay away from them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_arm import HERE, JOINTS, ArmHarness, enabled_harness
from own_tasks import own_tasks
from zprl_bringup.graph.robots.nodes import changes
from zprl_bringup.graph.station import load_station
from zprl_control.safety.command_arbiter import Priority
from zprl_control.safety.joint_checks import joint_limit_reason
from zprl_control.safety.limits import Limits
from zprl_control.settings import ArmSettings
from zprl_core.arm_mode import ArmMode
from zprl_core.target import Pose6, Target
from zprl_sim.demos.expert import Expert
from zprl_sim.demos.task_action import task_action
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.task import Task

NEAR = (*JOINTS[:6], 2.95)  # joint 7, 7 cm of a rad from its end
STILL7 = (0.0,) * 7
AWAY: Pose6 = (0.0, 0.0, 0.1, 0.0, 0.0, 0.0)


@pytest.fixture
def lab() -> ArmHarness:
    return enabled_harness()


def joints(lab: ArmHarness, angles: tuple[float, ...], velocities: tuple[float, ...] = STILL7) -> None:
    lab.arm.state = replace(lab.arm.state, joints=angles, joint_velocities=velocities)


def drives(lab: ArmHarness, source: str, priority: Priority) -> None:
    assert lab.session.nudge(AWAY, None, source, priority, lab.arm.now) == ""


@pytest.mark.parametrize("priority", [Priority.POLICY, Priority.TOOL])
def test_near_the_end_of_a_joint_nobody_but_a_person_moves_the_arm(lab: ArmHarness, priority: Priority) -> None:
    lab.command(source="program", priority=priority)
    assert lab.step().mode == ArmMode.STREAM
    joints(lab, NEAR)
    for _ in range(20):
        lab.command(source="program", priority=priority)
        report = lab.step()
    assert report.mode == ArmMode.HOLD and report.command is not None and report.command.clipped
    assert report.reason == "joint 7 is at 2.95 rad, near its limit at 3.02; reset the arm or move it back"
    assert lab.session.counts["joints"] == 20 and lab.session.counts["faults"] == 0
    drives(lab, "keyboard", Priority.PERSON)
    report = lab.step()
    assert report.mode == ArmMode.STREAM and report.reason == ""
    joints(lab, JOINTS)  # it was driven back
    lab.step(25)  # and the person's hold-off is over
    assert lab.command(source="program", priority=priority) == "" and lab.step().mode == ArmMode.STREAM


def test_who_drove_a_joint_too_fast_does_not_try_again(lab: ArmHarness) -> None:
    """It stands with room, for it was stopped in time."""
    joints(lab, (*JOINTS[:6], 2.6), (*STILL7[:6], 1.2))
    lab.command()
    assert "joint 7 at 2.60 rad moved at 1.20 rad/s toward its limit at 3.02" in lab.step().reason
    joints(lab, (*JOINTS[:6], 2.8))
    for _ in range(10):
        lab.command()
        report = lab.step()
    assert report.mode == ArmMode.HOLD and "joint 7 at 2.60 rad" in report.reason
    drives(lab, "keyboard", Priority.PERSON)
    lab.step(25)
    lab.command()
    assert lab.step().mode == ArmMode.STREAM


def test_it_comes_to_a_rest_where_the_tool_was_and_not_where_it_was_told_to_be(lab: ArmHarness) -> None:
    for _ in range(10):
        lab.command(x=0.5)
        lab.step()
        lab.arm.state = replace(lab.arm.state, pose=HERE)  # it lags
    assert lab.arm.told[-1].pose[0] > HERE[0] + 0.04
    joints(lab, NEAR)
    for _ in range(20):
        lab.command(x=0.5)
        lab.step()
        lab.arm.state = replace(lab.arm.state, pose=HERE)
    assert lab.arm.told[-1].pose == pytest.approx(HERE, abs=1e-6)


def test_a_person_arms_it_near_an_end_and_the_motion_to_the_start_runs() -> None:
    lab = ArmHarness()
    joints(lab, NEAR)
    lab.step()
    lab.session.enable()
    assert lab.step().mode == ArmMode.HOLD
    drives(lab, "keyboard", Priority.PERSON)
    assert lab.step().mode == ArmMode.STREAM
    lab.session.hold()
    lab.session.reset()
    assert lab.step().mode == ArmMode.RESET


def test_a_reset_ends_the_wait_without_a_hand_on_the_device(lab: ArmHarness) -> None:
    joints(lab, NEAR)
    lab.command()
    assert lab.step().mode == ArmMode.HOLD
    lab.session.reset()
    lab.step()
    joints(lab, JOINTS)
    lab.arm.done = 1.0
    lab.step()
    assert lab.command() == "" and lab.step().mode == ArmMode.STREAM


def test_an_arm_that_does_not_tell_its_joints_is_a_persons(lab: ArmHarness) -> None:
    joints(lab, (), ())
    lab.command()
    report = lab.step()
    assert report.mode == ArmMode.HOLD and "0 joint angles" in report.reason and "driver" in report.reason
    drives(lab, "keyboard", Priority.PERSON)
    assert lab.step().mode == ArmMode.STREAM


ends = list(zip(Limits().joint_low, Limits().joint_high, strict=True))

number = st.integers(0, 6)

inside = st.tuples(number, st.booleans(), st.floats(0.0, 0.099), st.floats(-3.0, 3.0))

poses = st.tuples(*[st.floats(-0.06, 0.06)] * 6).map(lambda by: tuple(a + b for a, b in zip(HERE, by, strict=True)))

asked = st.lists(
    st.tuples(st.booleans(), poses, st.sampled_from((Priority.POLICY, Priority.TOOL))), min_size=30, max_size=30
)


def told_near(near: tuple[int, bool, float, float], story: list[tuple[bool, Pose6, Priority]]) -> list[Target]:
    """What an arm is told that was on its way when a joint came within its margin, and then is asked for `story`."""
    lab = enabled_harness()
    for _ in range(6):
        lab.command(x=0.55)
        lab.step()
    which, low, by, velocity = near
    end = ends[which][0] + by if low else ends[which][1] - by
    angles, velocities = list(JOINTS), [0.0] * 7
    angles[which], velocities[which] = end, velocity
    joints(lab, tuple(angles), tuple(velocities))
    for twist, pose, priority in story:
        if twist:
            lab.session.nudge(pose, None, "program", priority, lab.arm.now)
        else:
            lab.session.command(Target(pose, 0.02), "program", priority, lab.arm.now)
        assert lab.step().mode == ArmMode.HOLD
    return lab.arm.told[6:]


@settings(max_examples=50, deadline=None)
@given(inside, asked, asked)
def test_within_the_margin_nothing_that_a_program_asks_for_makes_a_difference(near, one, other) -> None:
    """Whatever is asked for, the arm is told the same: the way to a rest where the tool was."""
    told = told_near(near, one)
    assert told == told_near(near, other)
    assert told[-1].pose == told[-2].pose and told[-1].width == told[0].width


@pytest.mark.parametrize("task", own_tasks(), ids=lambda task: task.name)
def test_a_simulated_task_keeps_its_joints_away_from_their_ends(task: Task) -> None:
    """Good and clumsy demonstrators: the guard is silent, and would be with a wider margin."""
    robot, spec, limits = SimRobot(task), task.action, replace(Limits(), joint_margin=0.15)
    for seed in range(4):
        seen = robot.reset(seed)
        expert = Expert(task, float(seed % 2), np.random.default_rng(seed))
        for _ in range(task.time_limit):
            seen = robot.step_arms(spec.targets(task_action(robot, expert.act(seen), seen), seen))
            for arm in robot.arms:
                angles, velocities = arm.positions(robot.data)[:7], arm.velocities(robot.data)[:7]
                assert joint_limit_reason(tuple(angles), tuple(velocities), limits) == ""


def test_a_station_may_have_ends_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "station.yaml"
    path.write_text("limits:\n  joint_high: [2, 1, 2.5, -0.5, 2.5, 4, 2.5]\n  joint_margin: 0.2\n")
    limits = load_station(path).limits
    assert limits.joint_high == (2.0, 1.0, 2.5, -0.5, 2.5, 4.0, 2.5) and limits.joint_margin == 0.2
    given = changes(limits, Limits(), "limits.")
    assert given == {"limits.joint_high": [2.0, 1.0, 2.5, -0.5, 2.5, 4.0, 2.5], "limits.joint_margin": 0.2}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("limits: {joint_high: [1, 1, 1]}", "each joint of the arm, got 7 and 3"),
        ("limits: {joint_margin: 1.5}", "joint 4 has no room"),
    ],
)
def test_a_station_whose_ends_make_no_sense_is_refused(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "station.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=why):
        load_station(path)


@pytest.mark.ros
def test_a_node_is_told_other_ends_by_its_parameters() -> None:
    rclpy = pytest.importorskip("rclpy")
    from zprl_core.ros import parameters

    context = rclpy.Context()
    context.init(args=["--ros-args", "-p", "limits.joint_low:=[-1.0, -1.0, -1.0, -3.0, -1.0, 1.0, -1.0]"])
    node = rclpy.create_node("ends", context=context)
    try:
        parameters.declare(node, ArmSettings())
        limits = parameters.read(node, ArmSettings, ArmSettings()).limits
    finally:
        node.destroy_node()
        context.shutdown()
    assert limits == replace(Limits(), joint_low=(-1.0, -1.0, -1.0, -3.0, -1.0, 1.0, -1.0))
