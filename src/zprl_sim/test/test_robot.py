"""The simulated robot: where it goes, what it sees, and that a seed means the same scene."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from own_tasks import own_tasks
from zprl_core.action import ArmTarget
from zprl_core.observation import Observation, Pose
from zprl_sim.rendering import mujoco
from zprl_sim.robot import SimRobot
from zprl_sim.sim_arm import MAX_WIDTH, START, WORKSPACE, clamp
from zprl_sim.tasks.catalog import task_named
from zprl_sim.tasks.mount import ArmMount
from zprl_sim.tasks.task import Imperfections, Mismatch, PlacementRegion, Task

LIFT = task_named("lift")


def hold(robot: SimRobot, target: ArmTarget, steps: int) -> Observation:
    for _ in range(steps):
        seen = robot.step(target)
    return seen


def test_the_arm_reaches_its_target() -> None:
    robot = SimRobot(LIFT)
    target = ArmTarget(Pose((0.5, 0.15, 0.2), 0.5), 0.03)
    seen = hold(robot, target, 40)
    assert np.allclose(seen.tool.position, target.tool.position, atol=0.002)
    assert seen.tool.yaw == pytest.approx(0.5, abs=0.01)
    assert seen.width == pytest.approx(0.03, abs=0.003)


@pytest.mark.parametrize("corner", [(x, y, z) for x in WORKSPACE[0] for y in WORKSPACE[1] for z in WORKSPACE[2]])
def test_the_hand_points_down_all_over_the_workspace(corner: tuple[float, float, float]) -> None:
    robot = SimRobot(LIFT)
    robot.reset(0)
    seen = hold(robot, ArmTarget(Pose(corner, 0.0), MAX_WIDTH), 80)
    down = robot.data.site_xmat[robot.kinematics.site][8]
    assert down == pytest.approx(-1.0, abs=0.01)
    assert np.allclose(seen.tool.position, corner, atol=0.01)
    low, high = robot.kinematics.range.T
    assert np.all(robot.joint_positions[:7] >= low - 0.01)
    assert np.all(robot.joint_positions[:7] <= high + 0.01)


def test_targets_are_kept_in_the_workspace() -> None:
    far = clamp(Pose((2.0, -2.0, -1.0), 0.3))
    assert far.position == (WORKSPACE[0][1], WORKSPACE[1][0], WORKSPACE[2][0])
    assert far.yaw == 0.3


def rollout(task: Task, seed: int, steps: int = 15) -> list[np.ndarray]:
    robot, rng = SimRobot(task), np.random.default_rng(1)
    seen = robot.reset(seed)
    states = [task.observation.state(seen)]
    for _ in range(steps):
        action = rng.uniform(-1.0, 1.0, task.action.size)
        seen = robot.step_arms(task.action.targets(action, seen))
        states.append(task.observation.state(seen))
    return states


@pytest.mark.parametrize("task", own_tasks(), ids=lambda task: task.name)
def test_a_seed_means_the_same_scene_and_motion(task: Task) -> None:
    assert np.array_equal(rollout(task, 7), rollout(task, 7))
    assert not np.array_equal(rollout(task, 7, 0), rollout(task, 8, 0))


def test_a_reset_forgets_what_was_before() -> None:
    robot = SimRobot(LIFT)
    first = robot.reset(3)
    hold(robot, ArmTarget(Pose((0.6, 0.2, 0.1), 0.4), 0.0), 10)
    again = robot.reset(3)
    assert np.array_equal(LIFT.observation.state(first), LIFT.observation.state(again))


def test_simulated_time_never_jumps_back() -> None:
    robot = SimRobot(LIFT)
    stamps = [robot.reset(0).stamp_ns]
    for _ in range(3):
        stamps += [robot.step(ArmTarget(Pose((0.45, 0, 0.2), 0), 0.08)).stamp_ns for _ in range(3)]
        stamps.append(robot.reset(0).stamp_ns)
    assert np.all(np.diff(stamps) == 50_000_000)


@pytest.mark.parametrize("task", own_tasks(), ids=lambda task: task.name)
def test_deployment_sees_objects_off_by_the_configured_numbers(task: Task) -> None:
    robot = SimRobot(task, deployed=True)
    seen, true = robot.reset(0), robot.things()
    for name in task.objects:
        off = np.subtract(seen.objects[name].position, true[name].position)
        assert np.allclose(off, task.mismatch.seen_off_by)
    assert np.linalg.norm(task.mismatch.seen_off_by) > 0


def test_demonstrations_see_objects_where_they_are() -> None:
    robot = SimRobot(LIFT, deployed=False)
    assert robot.reset(0).objects == robot.things()


def test_mismatch_changes_size_friction_and_gain() -> None:
    plain = SimRobot(LIFT, deployed=False).model
    task = replace(LIFT, mismatch=Mismatch(friction=0.5, size=0.8, gain=0.7))
    other = SimRobot(task, deployed=True).model
    cube = plain.body("cube").geomadr[0]
    assert np.allclose(other.geom_size[cube], 0.8 * plain.geom_size[cube])
    assert np.allclose(other.geom_friction[:, 0], 0.5 * plain.geom_friction[:, 0])
    assert np.allclose(other.actuator_gainprm[:7, 0], 0.7 * plain.actuator_gainprm[:7, 0])


@pytest.mark.parametrize("task", own_tasks(), ids=lambda task: task.name)
def test_demonstrations_leave_a_part_of_the_workspace_out(task: Task) -> None:
    def area(boxes: dict) -> float:
        return float(np.prod([np.ptp(b.x) * np.ptp(b.y) for b in boxes.values()]))

    places = {thing.name: thing.place for thing in task.things}
    assert area(task.demo_region) < area(places)
    for name, box in task.demo_region.items():
        place = places[name]
        assert place.x[0] <= box.x[0] and box.x[1] <= place.x[1]
        assert place.y[0] <= box.y[0] and box.y[1] <= place.y[1]


def test_a_yaw_is_perceived_within_the_objects_symmetry() -> None:
    robot = SimRobot(LIFT)
    for seed in range(5):
        assert abs(robot.reset(seed).objects["cube"].yaw) <= np.pi / 4


TWO = task_named("two_arm_lift")


def test_two_arms_wait_opposite_each_other_and_see_the_same_bar() -> None:
    robot = SimRobot(TWO, deployed=False)
    seen = robot.reset(0)
    assert list(seen.samples) == ["left/tool", "left/width", "right/tool", "right/width", "bar"]
    assert seen.objects.keys() == {"bar"}
    left, right = seen.pose("left/tool"), seen.pose("right/tool")
    assert np.allclose(left.position, START, atol=0.03)
    assert np.allclose(right.position, (1.2 - START[0], 0.0, START[2]), atol=0.03)
    assert abs(left.yaw) < 0.01 and abs(right.yaw) == pytest.approx(np.pi, abs=0.01)
    assert {stream.frame for stream in TWO.observation.streams if stream.frame} == {"world"}
    with pytest.raises(ValueError, match="two_arm_lift has the arms left, right; name one"):
        robot.step(ArmTarget(left, 0.08))


@pytest.mark.parametrize("moving", ["left", "right"])
def test_an_action_moves_its_own_arm_along_the_axes_of_the_scene(moving: str) -> None:
    robot, action = SimRobot(TWO, deployed=False), np.zeros(10)
    first = seen = robot.reset(0)
    at = 0 if moving == "left" else 5
    action[at : at + 4], action[[4, 9]] = (-1.0, 0.5, 0.0, 0.5), 1.0
    for _ in range(5):
        seen = robot.step_arms(TWO.action.targets(action, seen))
    for name in ("left", "right"):
        before, now = first.pose(f"{name}/tool"), seen.pose(f"{name}/tool")
        moved = np.subtract(now.position, before.position)
        if name == moving:
            assert moved[0] < -0.05 and moved[1] > 0.025 and abs(moved[2]) < 0.01
            assert math.remainder(now.yaw - before.yaw, math.tau) > 0.1
        else:
            assert np.abs(moved).max() < 0.01


def test_a_mismatch_weakens_every_arm() -> None:
    task = replace(TWO, mismatch=Mismatch(gain=0.7))
    plain, weak = SimRobot(task, deployed=False).model, SimRobot(task, deployed=True).model
    changed = weak.actuator_gainprm[:, 0] / plain.actuator_gainprm[:, 0]
    assert np.allclose(changed, ([0.7] * 7 + [1.0]) * 2)


def test_a_lifted_bar_must_be_level() -> None:
    high = (0.6, 0.0, 0.15)
    assert TWO.success({"bar": Pose(high, 0.1, pitch=0.05)}, 0.06)
    assert not TWO.success({"bar": Pose(high, 0.1, pitch=0.3)}, 0.06)
    assert not TWO.success({"bar": Pose((0.6, 0.0, 0.08))}, 0.06)


def test_a_tilt_is_true_and_not_perceived() -> None:
    robot = SimRobot(TWO, deployed=False)
    robot.data.joint(robot.model.body("bar").jntadr[0]).qpos[3:] = [np.cos(0.1), 0.0, np.sin(0.1), 0.0]
    mujoco.mj_forward(robot.model, robot.data)
    assert robot.things()["bar"].pitch == pytest.approx(0.2)
    assert robot.observe().pose("bar").pitch == 0.0


def test_an_unknown_task_is_one_clear_line() -> None:
    with pytest.raises(ValueError, match=r"unknown task 'fly'; known tasks are .*lift, "):
        task_named("fly")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: PlacementRegion((0.5, 0.4), (0, 0)), "must not exceed its high end"),
        (lambda: Mismatch(friction=0.0), "must be positive"),
        (lambda: Imperfections(pause=1.0), "pause"),
        (lambda: replace(LIFT, time_limit=0), "lift: the time limit"),
        (lambda: replace(LIFT, demo_region={}), "demo_region has"),
        (lambda: replace(LIFT, arms=(ArmMount(x=0.1),)), "the only arm has no name and stands at the origin"),
        (lambda: replace(LIFT, arms=TWO.arms), "the action is for the arms and frames"),
    ],
)
def test_a_task_checks_itself(wrong: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        wrong()
