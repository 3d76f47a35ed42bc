"""Every expert, at every release of the physics: a grasp that worked in mujoco 3.3 has failed in 3.4."""

from dataclasses import replace

import numpy as np
import pytest

from own_tasks import own_tasks
from zprl_core.action_spec import ActionSpec
from zprl_core.arm_action import ArmAction, CartesianAction, JointAction
from zprl_core.arm_model import FR3
from zprl_core.latency import Latency
from zprl_core.rotation import Rotation
from zprl_sim.demos.expert import Expert
from zprl_sim.demos.recorder import record
from zprl_sim.demos.task_action import task_action
from zprl_sim.latency import make_robot
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.catalog import task_named
from zprl_sim.tasks.task import Imperfections, Task

STEPS = {
    "lift": 45, "lift_in_joints": 45, "pick_to_tray": 90, "peg_insert": 100, "angled_insert": 60, "two_arm_lift": 40,
    "lift_leaning": 45,
}  # fmt: skip


def demonstrate(robot: SimRobot, task: Task, quality: float, seed: int) -> tuple[bool, int]:
    """(success, steps) of one episode."""
    expert, seen, spec = Expert(task, quality, np.random.default_rng(seed)), robot.reset(seed), task.action
    while not (robot.success or robot.timed_out):
        action = task_action(robot, expert.act(seen), seen)
        assert action.shape == (spec.size,)
        assert np.all(np.abs(action) <= 1)
        seen = robot.step_arms(spec.targets(action, seen))
    return robot.success, robot.steps


@pytest.mark.parametrize("task", own_tasks(), ids=lambda task: task.name)
def test_a_perfect_expert_never_fails(task: Task) -> None:
    robot = SimRobot(task, deployed=False)
    results = [demonstrate(robot, task, 1.0, seed) for seed in range(20)]
    assert [success for success, _ in results] == [True] * 20
    assert np.mean([steps for _, steps in results]) <= STEPS[task.name]


@pytest.mark.parametrize(
    "motion",
    [
        CartesianAction(absolute=True),
        CartesianAction(step_m=0.01, step_rad=0.05),
        CartesianAction(Rotation.VECTOR),
        CartesianAction(Rotation.SIX, absolute=True),
        JointAction(FR3.joints, absolute=True, low=FR3.joint_low, high=FR3.joint_high),
    ],
    ids=str,
)
def test_an_expert_demonstrates_any_motion(motion: CartesianAction | JointAction) -> None:
    task = replace(task_named("lift"), action=ActionSpec((ArmAction(motion=motion),)))
    robot = SimRobot(task, deployed=False)
    assert [demonstrate(robot, task, 1.0, seed)[0] for seed in range(5)] == [True] * 5


@pytest.mark.parametrize("task", own_tasks(), ids=lambda task: task.name)
def test_a_perfect_expert_succeeds_with_an_arm_as_late_as_a_real_one(task: Task) -> None:
    robot = make_robot(task, Latency.REAL, deployed=False)
    assert [demonstrate(robot, task, 1.0, seed)[0] for seed in range(10)] == [True] * 10


@pytest.mark.parametrize("task", own_tasks(), ids=lambda task: task.name)
def test_a_perfect_expert_who_sees_right_masters_the_deployed_robot(task: Task) -> None:
    """What makes deployment hard is what is seen, not a grasp that cannot be had: so steering can mend it."""
    seeing = replace(task, mismatch=replace(task.mismatch, seen_off_by=(0.0, 0.0, 0.0)))
    robot = SimRobot(seeing, deployed=True)
    assert sum(demonstrate(robot, seeing, 1.0, seed)[0] for seed in range(20)) >= 19


def test_the_offset_makes_grasps_fail() -> None:
    task = task_named("lift")
    robot = SimRobot(replace(task, mismatch=replace(task.mismatch, seen_off_by=(0.025, 0.025, 0.0))), deployed=True)
    assert sum(demonstrate(robot, task, 1.0, seed)[0] for seed in range(20)) <= 10


def test_imperfections_slow_a_person_down() -> None:
    task = task_named("lift")
    robot = SimRobot(task, deployed=False)
    clumsy = [demonstrate(robot, task, 0.0, seed) for seed in range(10)]
    perfect = [demonstrate(robot, task, 1.0, seed) for seed in range(10)]
    assert np.mean([s for _, s in clumsy]) > 1.2 * np.mean([s for _, s in perfect])


def test_an_offset_lasts_the_episode() -> None:
    task = replace(
        task_named("lift"),
        imperfections=Imperfections(offset_m=0.02, slowest=1.0, pause=0.0, haste_m=0.0, offset_rad=0.0),
    )
    expert = Expert(task, 0.0, np.random.default_rng(0))
    offset = expert.arms[0].offset.copy()
    robot = SimRobot(task, deployed=False)
    seen, spec = robot.reset(0), robot.task.action
    cube = np.array(seen.objects["cube"].position[:2])
    for _ in range(12):
        seen = robot.step(spec.target(task_action(robot, expert.act(seen), seen), seen))
    assert np.allclose(np.array(seen.tool.position[:2]) - cube, offset, atol=0.004)
    assert np.array_equal(expert.arms[0].offset, offset)


def test_hands_wait_for_one_another_before_they_lift() -> None:
    task = task_named("two_arm_lift")
    robot, spec = SimRobot(task, deployed=False), task.action
    seen, expert = robot.reset(0), Expert(task, 1.0, np.random.default_rng(0))
    expert.arms[0].speed = 0.3
    while not (robot.success or robot.timed_out):
        seen = robot.step_arms(spec.targets(task_action(robot, expert.act(seen), seen), seen))
        assert abs(robot.things()["bar"].pitch) < 0.2
    assert robot.success


@pytest.mark.parametrize("quality", [-0.1, 1.1])
def test_quality_lies_between_zero_and_one(quality: float) -> None:
    with pytest.raises(ValueError, match="quality"):
        Expert(task_named("lift"), quality, np.random.default_rng(0))


def test_recorded_demonstrations_succeed_and_repeat() -> None:
    tried: list[tuple[int, int]] = []
    a = record(task_named("lift"), 4, (0.3, 1.0), seed=5, progress=lambda kept, tries: tried.append((kept, tries)))
    b = record(task_named("lift"), 4, (0.3, 1.0), seed=5)
    assert np.array_equal(a.observations, b.observations)
    assert np.array_equal(a.actions, b.actions)
    assert [kept for kept, _ in tried] == [1, 2, 3, 4]
    assert len(a.episode_ends) == 4
    assert a.episode_ends[-1] == len(a.actions)
