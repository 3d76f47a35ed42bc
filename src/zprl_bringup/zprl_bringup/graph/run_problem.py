"""Loads the task or environment that a run learns."""

from typing import TYPE_CHECKING, Protocol

from zprl_core.latency import Latency
from zprl_core.obs import Obs
from zprl_sim.tasks.catalog import task_named

if TYPE_CHECKING:  # loads simulators
    from zprl_sim.problem import Problem


class ProblemOptions(Protocol):
    """The options that choose it."""

    task: str
    latency: Latency
    obs: Obs
    env: str | None
    expert: str | None
    time_limit: int | None


def problem_of(options: ProblemOptions) -> "Problem":
    """Return the task or environment of a run; loads the simulator."""
    if options.env is None:
        from zprl_sim.task_problem import TaskProblem

        return TaskProblem(task_named(options.task), options.latency, options.obs)
    from zprl_sim.gymnasium_env.problem import GymProblem

    assert options.expert is not None
    return GymProblem(options.env, options.expert, options.time_limit)
