"""Creates the simulated robot with a given latency."""

from zprl_core.latency import Latency
from zprl_core.obs import Obs
from zprl_sim.delayed_robot import DelayedRobot
from zprl_sim.impedance.compliant_robot import CompliantRobot
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.latency_check import check_latency
from zprl_sim.tasks.task import Task


def make_robot(
    task: Task,
    latency: Latency = Latency.IDEAL,
    deployed: bool = True,
    seed: int = 0,
    began_ns: int = 0,
    obs: Obs = Obs.STATE,
) -> SimRobot:
    """Returns a robot with the scene of `task` and the given latency, which observes objects or images.

    Raises ValueError for latency impedance and a task whose actions are joints, and RuntimeError when it must render
    images and cannot.
    """
    check_latency(task, latency)
    match latency:
        case Latency.IDEAL:
            return SimRobot(task, deployed, seed, began_ns, obs)
        case Latency.REAL:
            return DelayedRobot(task, deployed, seed, began_ns, obs)
        case Latency.IMPEDANCE:
            return CompliantRobot(task, deployed, seed, began_ns, obs)
