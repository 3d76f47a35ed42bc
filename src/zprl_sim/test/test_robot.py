"""The simulated robot: where it goes, what it sees, and that a seed means the same scene."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from own_tasks import own_tasks
from zprl_core.action import ArmTarget
from zprl_core.observation import Observation, Pose
from zprl_sim.robot import MAX_WIDTH, WORKSPACE, SimRobot, clamp
from zprl_sim.tasks.catalog import task_named
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
        x, y, z = np.add(seen.tool.position, rng.uniform(-0.02, 0.02, 3))
        seen = robot.step(ArmTarget(Pose((x, y, z), 0.1), 0.04))
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
    assert other.geom_friction[cube, 0] == pytest.approx(0.5 * plain.geom_friction[cube, 0])
    pads = plain.geom_priority > 0
    assert np.allclose(other.geom_friction[pads, 0], 0.5 * plain.geom_friction[pads, 0])
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


def test_an_unknown_task_is_one_clear_line() -> None:
    with pytest.raises(ValueError, match="unknown task 'fly'; known tasks are lift, "):
        task_named("fly")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: PlacementRegion((0.5, 0.4), (0, 0)), "from low to high"),
        (lambda: Mismatch(friction=0.0), "must be positive"),
        (lambda: Imperfections(pause=1.0), "pause"),
        (lambda: replace(LIFT, time_limit=0), "lift: the time limit"),
        (lambda: replace(LIFT, demo_region={}), "demo_region names"),
    ],
)
def test_a_task_checks_itself(wrong: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        wrong()
