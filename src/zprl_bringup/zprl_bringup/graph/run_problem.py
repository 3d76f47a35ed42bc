"""Loads the task or environment that a run learns."""

from typing import TYPE_CHECKING

from zprl_core.latency import Latency
from zprl_core.obs import Obs
from zprl_sim.tasks.catalog import task_named

if TYPE_CHECKING:  # loads simulators
    from zprl_sim.problem import Problem


def problem_of(
    task: str, latency: Latency, obs: Obs, env: str | None, expert: str | None, time_limit: int | None
) -> "Problem":
    """Return the task or environment of a run; loads the simulator."""
    if env is None:
        from zprl_sim.task_problem import TaskProblem

        return TaskProblem(task_named(task), latency, obs)
    from zprl_sim.gymnasium_env.problem import GymProblem

    assert expert is not None
    return GymProblem(env, expert, time_limit)
