"""Robot `sim`: MuJoCo in one node, in lockstep or in real time, one or several."""

from zprl_bringup.graph.base_check import observed
from zprl_bringup.graph.robots.checks import check_no_hostname, check_simulated_task
from zprl_bringup.graph.robots.nodes import given
from zprl_bringup.graph.robots.robot import Robot, RobotSlot
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import NodeSpec
from zprl_core.latency import Latency
from zprl_core.obs import Obs
from zprl_sim.settings import CONTROL_HZ


def _nodes(settings: GraphSettings, robot: RobotSlot) -> tuple[NodeSpec, ...]:
    options = settings.options
    for_bags = options.base is None and options.obs.sees  # an image in each state, as an observing policy gets
    parameters = given({
        "task": options.task,
        "seed": robot.seed,
        "lockstep": options.lockstep,
        "deployed": options.deployed,
        "latency": options.latency.value,
        "obs": observed(options.base).value,
        "cameras": list(options.cameras),
        **({"camera_rate": CONTROL_HZ, "camera_depth": options.obs == Obs.RGBD} if for_bags else {}),
    })  # fmt: skip
    return (NodeSpec("zprl_sim", "sim_node", "sim", robot.namespace, parameters, robot.clock, respawn=True),)


def _check(settings: GraphSettings) -> None:
    check_no_hostname(settings)
    check_simulated_task(settings)


def _latency(settings: GraphSettings) -> Latency:
    return settings.options.latency


SIM: Robot[GraphSettings] = Robot(
    name="sim",
    text="MuJoCo in one node",
    nodes=_nodes,
    check=_check,
    latency=_latency,
    fixed_rate=CONTROL_HZ,
    needs_operator=False,
    teleoperated=False,
)
