"""Robots `ros2-control`, an arm behind ros2_control, and `ros2-control-sim`, MuJoCo behind simulated controllers.

A station gives the driver's parameters below `driver: ros2_control:`. All our nodes are in a namespace, because the
robot's own driver already publishes joint_states and robot_description.
"""

from collections.abc import Mapping

from zprl_bringup.graph.base_check import base_config, check_gripper, check_one_arm
from zprl_bringup.graph.robots.checks import check_real_arm, check_simulated_arm
from zprl_bringup.graph.robots.nodes import arm_parameters, given, renderer, scene_parameters, surroundings
from zprl_bringup.graph.robots.robot import Robot, RobotSlot
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import NodeSpec, Parameter
from zprl_core.arm_action import JointAction
from zprl_core.arm_model import FR3
from zprl_core.config.override import override
from zprl_hardware.franka.checks import check_fr3_home
from zprl_hardware.ros2_control.checks import check_settings
from zprl_hardware.ros2_control.config import CommandInterface, GripperInterface, Ros2ControlConfig

PREFIX, NAMESPACE = "ros2_control.", "zprl"
# No operator recovers the simulated arm from a stop, and its controllers pause when the machine is busy.
SIMULATED: dict[str, Parameter] = {
    "ros2_control.simulated": True,
    "ros2_control.urdf_source": "topic",
    "ros2_control.gripper": "gripper_command",
    "ros2_control.silence_s": 0.4,
    "limits.state_s": 0.5,
}


def _parameters(settings: GraphSettings) -> dict[str, Parameter]:
    """Return the driver's parameters: those of the station, and joint_targets when the base commands joints."""
    own: dict[str, Parameter] = {f"{PREFIX}joint_targets": True} if _in_joints(settings) else {}
    return own | {name: value for name, value in settings.station.driver.items() if name.startswith(PREFIX)}


def _config(parameters: Mapping[str, Parameter]) -> Ros2ControlConfig:
    """Convert the parameters to the driver's settings. Raises ValueError naming the wrong parameter."""
    changes = {name.removeprefix(PREFIX): value for name, value in parameters.items() if name.startswith(PREFIX)}
    try:
        return override(Ros2ControlConfig(), changes)
    except ValueError as error:
        raise ValueError(f"driver.ros2_control: {error}") from None


def _in_joints(settings: GraphSettings) -> bool:
    base = base_config(settings.options.base)
    return base is not None and any(isinstance(action.motion, JointAction) for action in base.action.arms)


def _check(settings: GraphSettings, config: Ros2ControlConfig) -> None:
    check_settings(config, settings.station.limits, enable_at_start=False)
    check_one_arm(settings.options.base, config.base_frame, config.joints, "driver.ros2_control.")
    none = config.gripper is GripperInterface.NONE
    check_gripper(settings.options.base, "driver.ros2_control.gripper is none" if none else "")


def _check_real(settings: GraphSettings) -> None:
    check_real_arm(settings)
    _check(settings, _config(_parameters(settings)))


def check_simulated_fr3(settings: GraphSettings, own: Mapping[str, Parameter]) -> None:
    """Check the settings of a simulated FR3 whose driver has the parameters `own`, where the station has no others."""
    check_simulated_arm(settings)
    config = _config({**own, **_parameters(settings)})
    if config.joints != FR3.joints:
        raise ValueError(
            f"driver.ros2_control.joints are {', '.join(config.joints)}, but robot {settings.options.robot} is an FR3 "
            f"with the joints {', '.join(FR3.joints)}; use robot ros2-control for the arm of this station, or remove "
            "joints"
        )
    _check(settings, config)
    check_fr3_home(config.home_joints, "driver.ros2_control.home_joints", settings.station.limits)


def _check_simulated(settings: GraphSettings) -> None:
    check_simulated_fr3(settings, SIMULATED)


def arm_node(settings: GraphSettings, robot: RobotSlot, own: Mapping[str, Parameter], simulated: bool) -> NodeSpec:
    """Make the arm node. The station's parameters take precedence over `own`."""
    parameters = {**own, **arm_parameters(settings, robot, simulated), **_parameters(settings)}
    return NodeSpec(
        "zprl_hardware", "ros2_control_arm_node", "arm", robot.namespace, parameters, robot.shared, respawn=simulated,
        is_arm=True,
    )  # fmt: skip


def _real_nodes(settings: GraphSettings, robot: RobotSlot) -> tuple[NodeSpec, ...]:
    return arm_node(settings, robot, {}, simulated=False), *surroundings(settings, robot)


def _simulated_nodes(settings: GraphSettings, robot: RobotSlot) -> tuple[NodeSpec, ...]:
    config = _config(SIMULATED | _parameters(settings))
    parameters = scene_parameters(settings, robot) | _controllers(config)
    controllers = NodeSpec("zprl_sim", "controller_node", "controllers", robot.namespace, parameters, respawn=True)
    arm = arm_node(settings, robot, SIMULATED, simulated=True)
    return controllers, arm, *renderer(settings, robot)


def _controllers(config: Ros2ControlConfig) -> dict[str, Parameter]:
    """Return the parameters of simulated controllers with the interface and topics that the driver uses."""
    forward = config.command_interface is CommandInterface.FORWARD_POSITION
    trajectory = config.command_interface is CommandInterface.JOINT_TRAJECTORY
    return given({
        "controller": config.command_interface.value,
        "gripper": "" if config.gripper is GripperInterface.NONE else config.gripper.value,
        "joint_states": config.joint_states,
        "forward_commands": config.command_topic if forward else "",
        "trajectory_commands": config.command_topic if trajectory else "",
        "target_pose": config.target_pose,
        "current_pose": config.current_pose,
        "gripper_action": config.gripper_action,
    })  # fmt: skip


ROS2_CONTROL: Robot[GraphSettings] = Robot(
    name="ros2-control",
    text="an arm behind ros2_control",
    nodes=_real_nodes,
    check=_check_real,
    namespace=NAMESPACE,
)
ROS2_CONTROL_SIM: Robot[GraphSettings] = Robot(
    name="ros2-control-sim",
    text="MuJoCo behind simulated controllers of ros2_control",
    nodes=_simulated_nodes,
    check=_check_simulated,
    namespace=NAMESPACE,
    needs_operator=False,
)
