"""The graph that plays a recorded episode on a robot."""

from dataclasses import replace
from pathlib import Path

from zprl_bringup.graph.graphs import graph_env
from zprl_bringup.graph.robots.robot import RobotSlot
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import Graph, GraphError, NodeSpec, Parameter
from zprl_core.spec_difference import Specs, check_agreement
from zprl_sim.tasks.catalog import task_named


def play_graph(settings: GraphSettings, bag: Path, specs: Specs, speed: float, report: Path) -> Graph:
    """Build the graph of a robot and the player in the place of its policy. `specs`: those of the bag.

    Commands are not amplified for an arm that lags, as a bag has what its arm was sent. Raises GraphError for a robot
    without guards, ValueError for a task with other actions.
    """
    robot = settings.chosen_robot
    if not robot.teleoperated:
        raise GraphError(f"robot {robot.name} has no guards to play under; use robot mujoco, fci-sim or a real arm")
    if not robot.needs_operator:
        _check_action(settings.options.task, specs)
    slot = RobotSlot("robot", robot.namespace, settings.options.seed)
    unamplified = replace(settings, station=replace(settings.station, command_gain=1.0))
    parameters: dict[str, Parameter] = {"bag": _absolute(bag), "report": _absolute(report), "speed": speed}
    player = NodeSpec("zprl_episodes", "player_node", "policy", slot.namespace, parameters)
    return Graph((*robot.nodes(unamplified, slot), player), graph_env(settings))


def _check_action(task: str, specs: Specs) -> None:
    """Raises ValueError with a table of the differences when the task's actions are others than those of the bag."""
    observation, action = specs
    own = replace(task_named(task).action, rate_hz=action.rate_hz)  # targets are interpolated in time
    check_agreement(specs, (observation, own), "the bag", f"task {task}", "give the --task that it was recorded with")


def _absolute(path: Path) -> str:
    return str(path.expanduser().absolute())
