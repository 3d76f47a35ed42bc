"""Observation and action spec of a graph: those of its base, or without one those of the task."""

from zprl_bringup.graph.base_check import base_config
from zprl_bringup.graph.run_options import RunOptions
from zprl_core.action_spec import ActionSpec
from zprl_core.obs import Obs
from zprl_core.observation_spec import ObservationSpec
from zprl_sim.tasks.catalog import task_named, task_names
from zprl_sim.tasks.task import Task


def specs_of(options: RunOptions) -> tuple[ObservationSpec, ActionSpec]:
    """Return observation and action spec."""
    if (config := base_config(options.base)) is not None:
        return config.observation, config.action
    task = task_named(options.task)
    return task.observed(options.obs), task.action


def installed_task(name: object, observation: ObservationSpec, action: ActionSpec) -> Task | None:
    """Return the installed task that has these specs, so that it can be simulated; None without one."""
    if not isinstance(name, str) or name not in task_names():
        return None
    task = task_named(name)
    return task if (observation, action) == (task.observed(Obs.of(observation)), task.action) else None
