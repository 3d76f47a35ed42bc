"""How late the simulated arm follows."""

from enum import Enum

from zprl_sim.paced import PacedRobot
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.task import Task


class Pace(str, Enum):
    """Of a simulated robot, and of the demonstrations that are recorded on it."""

    IDEAL = "ideal"  # within its control step
    REAL = "real"  # as guards, arm node and driver make a real one

    def robot(self, task: Task, deployed: bool = True, seed: int = 0, began_ns: int = 0) -> SimRobot:
        """A robot of this pace."""
        match self:
            case Pace.IDEAL:
                return SimRobot(task, deployed, seed, began_ns)
            case Pace.REAL:
                return PacedRobot(task, deployed, seed, began_ns)
