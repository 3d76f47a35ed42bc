"""The shown region of success is where the task succeeds."""

import numpy as np
import pytest

from zprl_core.observation import Pose
from zprl_sim.tasks.catalog import task_named, task_names
from zprl_sim.tasks.goal import GoalRegion

TASKS = [name for name in task_names() if task_named(name).goal is not None]
OPEN = 0.08


def test_most_tasks_have_one() -> None:
    assert {"lift", "pick_to_tray", "peg_insert"} <= set(TASKS)


@pytest.mark.parametrize("name", TASKS)
def test_an_object_inside_succeeds_and_one_beside_it_does_not(name: str) -> None:
    task = task_named(name)
    goal = task.goal
    assert goal is not None
    origin = Pose((0.5, 0.1, 0.0))
    things = {thing.name: origin for thing in task.things}
    low, high = (np.array(x) + (origin.position if goal.around else np.zeros(3)) for x in (goal.low, goal.high))
    rng, outside = np.random.default_rng(0), 0
    for _ in range(200):
        inside = rng.uniform(low, high)
        assert task.success({**things, goal.thing: Pose(tuple(inside.tolist()))}, OPEN)
        axis = rng.integers(3)
        if goal.around or axis == 2:  # what is lifted may be anywhere, but not lower
            beside = inside.copy()
            beside[axis] = low[axis] - 0.01 if axis < 2 or not goal.around else high[axis] + 0.01
            assert not task.success({**things, goal.thing: Pose(tuple(beside.tolist()))}, OPEN)
            outside += 1
    assert outside > 20


def test_an_empty_region_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        GoalRegion((0.0, 0.0, 0.0), (0.1, 0.1, 0.0))
