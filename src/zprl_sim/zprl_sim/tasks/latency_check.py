"""Compares the latency of a simulated arm with the actions of its task."""

from zprl_core.arm_action import JointAction
from zprl_core.latency import Latency
from zprl_sim.tasks.task import Task


def check_latency(task: Task, latency: Latency) -> None:
    """Raises ValueError for latency impedance and a task whose actions are joints."""
    if latency == Latency.IMPEDANCE and any(isinstance(arm.motion, JointAction) for arm in task.action.arms):
        raise ValueError(
            f"latency impedance is for tasks whose actions move the tool, and those of {task.name} are joint targets; "
            "use latency real"
        )
