"""Robot `fci-sim`: MuJoCo behind Franka's protocol, with the driver of the real arm."""

from zprl_bringup.graph.robots.checks import check_simulated_arm
from zprl_bringup.graph.robots.franka_arm import check_franka, franka_arm
from zprl_bringup.graph.robots.nodes import renderer, scene_parameters
from zprl_bringup.graph.robots.robot import Robot, RobotSlot
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import NodeSpec, Parameter
from zprl_control.safety.limits import Limits

LOOPBACK = "127.0.0.1"  # where the simulated FCI listens
# Limits of a simulated arm. No operator recovers it from a stop, so forces are larger. The springs overshoot a
# workspace limit by some millimeters, so the workspace ends above the table. Franka's controller is a process here,
# which pauses when the machine is busy, so states may be older.
HARD: dict[str, Parameter] = {
    "limits.low": [*Limits().low[:2], 0.02, *Limits().low[3:]],
    "limits.force": 100.0,
    "limits.state_s": 0.5,
    "franky.collision_force": 150.0,
}


def _nodes(settings: GraphSettings, robot: RobotSlot) -> tuple[NodeSpec, ...]:
    parameters = {**scene_parameters(settings, robot), "hostname": LOOPBACK}
    fci = NodeSpec("zprl_sim", "fci_node", "fci", robot.namespace, parameters, respawn=True)
    arm = franka_arm(settings, robot, HARD, LOOPBACK, simulated=True)
    return fci, arm, *renderer(settings, robot)


def _check(settings: GraphSettings) -> None:
    check_simulated_arm(settings)
    check_franka(settings)


FCI_SIM: Robot[GraphSettings] = Robot(
    name="fci-sim",
    text="MuJoCo behind Franka's protocol and driver",
    nodes=_nodes,
    check=_check,
    needs_operator=False,
    doctor="zprl_cli.doctor.franka:simulated_checks",
)
