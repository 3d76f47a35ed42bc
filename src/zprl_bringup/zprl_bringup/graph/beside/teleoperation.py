"""The teleoperation device of a graph in which a human demonstrates the task."""

from collections.abc import Mapping

from zprl_bringup.graph.robots.nodes import operator_node
from zprl_bringup.graph.robots.robot import RobotSlot
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import GraphError, NodeSpec, Parameter
from zprl_bringup.graph.specs import specs_of
from zprl_core.arm_action import ArmAction, CartesianAction
from zprl_core.rotation import Rotation


def teleoperation(settings: GraphSettings, robot: RobotSlot, device: Mapping[str, Parameter]) -> tuple[NodeSpec, ...]:
    """Make the teleoperation node, and the operator node of a simulation, whose robot has none.

    `device`: parameters of the teleoperation node, which take precedence. Raises GraphError for a robot or a task that
    a human cannot demonstrate.
    """
    arm = demonstrated_arm(settings)
    parameters: dict[str, Parameter] = {"frame": arm.frame, "axes": list(axes_of(arm)), **device}
    hands = NodeSpec(
        "zprl_teleop", "teleop_node", "teleop", robot.namespace, parameters, robot.shared, terminal=True
    )  # fmt: skip
    return (hands,) if settings.chosen_robot.needs_operator else (operator_node(robot, scene=False), hands)


def demonstrated_arm(settings: GraphSettings) -> ArmAction:
    """Return the action of the arm that the device moves. Raises GraphError when there is no such arm."""
    if not settings.chosen_robot.teleoperated:
        raise GraphError(
            f"robot {settings.chosen_robot.name} follows no device; use robot mujoco, fci-sim or a real arm"
        )
    arms = specs_of(settings.options)[1].arms
    if len(arms) != 1:
        raise GraphError(f"a device moves one arm, and this task has {len(arms)}; choose another task")
    if not isinstance(arms[0].motion, CartesianAction):
        raise GraphError("a device moves the tool, and the actions of this task are joints; choose another task")
    return arms[0]


def axes_of(arm: ArmAction) -> tuple[bool, ...]:
    """Return which of x, y, z, roll, pitch, yaw the action has."""
    turns = isinstance(arm.motion, CartesianAction) and arm.motion.rotation != Rotation.YAW
    return (True, True, True, turns, turns, True)
