"""The simulated robot of a given latency."""

from zprl_core.latency import Pace
from zprl_sim.delayed_robot import PacedRobot
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.task import Task


def make_robot(
    task: Task, pace: Pace = Pace.IDEAL, deployed: bool = True, seed: int = 0, began_ns: int = 0
) -> SimRobot:
    """A robot with `task`'s scene whose arm follows at this pace."""
    match pace:
        case Pace.IDEAL:
            return SimRobot(task, deployed, seed, began_ns)
        case Pace.REAL:
            return PacedRobot(task, deployed, seed, began_ns)
