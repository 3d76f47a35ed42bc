"""The scripted expert on observations from outside."""

import pytest

from zprl_core.episode_event import EpisodeEvent, EpisodeEventKind
from zprl_core.observation import Observation
from zprl_sim.demos.expert_runner import ExpertRunner, ExpertSettings
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.catalog import task_named

LIFT = task_named("lift")
PERFECT = ExpertSettings(lowest_quality=1.0)


def push(runner: ExpertRunner, seen: Observation) -> None:
    for name, sample in seen.samples.items():
        runner.streams.push(name, seen.stamp_ns, sample, seen.stamp_ns)


@pytest.mark.parametrize("lockstep", [True, False])
def test_it_lifts_the_cube_once_an_episode_runs(lockstep: bool) -> None:
    robot, runner = SimRobot(LIFT, deployed=False), ExpertRunner(LIFT, PERFECT)

    def act(seen: Observation) -> dict | None:  # type: ignore[type-arg]
        answer = runner.answer(seen.stamp_ns) if lockstep else runner.tick(seen.stamp_ns)
        return None if answer is None else answer[1]

    seen = robot.reset(3)
    push(runner, seen)
    assert act(seen) is None and runner.waits == "no episode is running"
    runner.on_event(EpisodeEvent(EpisodeEventKind.STARTED, seen.stamp_ns, 0))
    while not (robot.success or robot.timed_out):
        targets = act(seen)
        assert targets is not None and act(seen) is None  # each state is answered once
        seen = robot.step_arms(targets)
        push(runner, seen)
    assert robot.success and runner.env_steps == robot.steps
    runner.on_event(EpisodeEvent(EpisodeEventKind.SUCCESS, seen.stamp_ns, 0))
    assert act(seen) is None


def test_a_state_from_before_the_episode_is_not_answered() -> None:
    robot, runner = SimRobot(LIFT, deployed=False), ExpertRunner(LIFT, PERFECT)
    seen = robot.reset(3)
    push(runner, seen)
    runner.on_event(EpisodeEvent(EpisodeEventKind.STARTED, seen.stamp_ns + 1, 0))
    assert runner.answer(seen.stamp_ns) is None


def test_what_it_cannot_do_is_refused() -> None:
    with pytest.raises(ValueError, match="the actions of lift_in_joints are joints; choose another task"):
        ExpertRunner(task_named("lift_in_joints"), ExpertSettings(task="lift_in_joints"))
    with pytest.raises(ValueError, match="lowest_quality must not exceed highest_quality"):
        ExpertSettings(lowest_quality=0.9, highest_quality=0.1)
    with pytest.raises(ValueError, match="known tasks are"):
        ExpertSettings(task="juggle")
