"""Robot `mujoco`: MuJoCo behind the arm node, with the guards, modes and teleoperation of a real arm."""

from zprl_bringup.graph.robots.checks import check_simulated_arm
from zprl_bringup.graph.robots.nodes import arm_parameters, renderer, scene_parameters
from zprl_bringup.graph.robots.robot import Robot, RobotSlot
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import NodeSpec, Parameter
from zprl_core.arm_model import FR3
from zprl_hardware.franka.checks import check_fr3_home

# Position servos press far harder than the springs of impedance control.
SERVOS: dict[str, Parameter] = {"limits.force": 300.0, "limits.torque": 60.0}


def _check(settings: GraphSettings) -> None:
    check_simulated_arm(settings)
    check_fr3_home(FR3.home, "the home of the simulated FR3", settings.station.limits)


def _nodes(settings: GraphSettings, robot: RobotSlot) -> tuple[NodeSpec, ...]:
    arm = arm_parameters(settings, robot, simulated=True)
    parameters = {**SERVOS, **arm, **scene_parameters(settings, robot)}
    node = NodeSpec(
        "zprl_sim", "mujoco_arm_node", "mujoco", robot.namespace, parameters, robot.shared, respawn=True, is_arm=True
    )
    return node, *renderer(settings, robot)


MUJOCO: Robot[GraphSettings] = Robot(
    name="mujoco",
    text="MuJoCo behind the arm node",
    nodes=_nodes,
    check=_check,
    needs_operator=False,
)
