"""Options that the chosen robot would ignore; they are refused when the user gives them."""

from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings


def check_ignored(settings: GraphSettings) -> None:
    """Raises ValueError for an option of a simulation that this robot ignores.

    A resumed run brings its own options, which may be of a simulation although the robot is not: they are no error.
    """
    options, robot = settings.options, settings.chosen_robot
    lag = robot.latency(settings)
    if options.latency not in (lag, RunOptions.latency):
        raise ValueError(
            f"latency is for robot sim; that of robot {robot.name} is always {lag.value}: remove it, or use robot sim"
        )
    if not robot.needs_operator:
        return
    if not options.deployed:
        raise ValueError(f"deployed is for simulated robots, and robot {robot.name} is none; remove it")
    if options.task != RunOptions.task:
        raise ValueError(
            f"task is for simulated robots, and robot {robot.name} is none; remove it, and name the task in the station"
        )
