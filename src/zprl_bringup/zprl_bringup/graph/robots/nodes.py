"""Nodes and parameters that several robots share."""

from typing import Any

from zprl_bringup.graph.robots.robot import RobotSlot
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import NodeSpec, Parameter
from zprl_bringup.graph.specs import specs_of
from zprl_bringup.graph.station import Station
from zprl_control.safety.limits import Limits
from zprl_core.config.flatten import flatten
from zprl_hardware.cameras.camera import CameraSettings


def arm_parameters(settings: GraphSettings, robot: RobotSlot, simulated: bool) -> dict[str, Parameter]:
    """Return the parameters of any arm node. A simulated arm is enabled at start; an operator enables a real one."""
    station = settings.station
    return given({
        "robot": robot.name,
        "enable_at_start": simulated,
        "scene_resets": True,  # the simulation or the operator resets the scene
        "control_rate": station.control_rate,
        "dead_man": station.dead_man,
        "cameras": [camera.name for camera in station.cameras],
        **changes(station.limits, Limits(), "limits."),
        **({"command_gain": station.command_gain} if station.command_gain != Station().command_gain else {}),
        **station.driver,
    })  # fmt: skip


def scene_parameters(settings: GraphSettings, robot: RobotSlot) -> dict[str, Parameter]:
    """Return the parameters of a simulation whose arm an arm node moves."""
    options = settings.options
    return {"scene.task": options.task, "scene.seed": robot.seed, "scene.deployed": options.deployed}


def renderer(settings: GraphSettings, robot: RobotSlot) -> tuple[NodeSpec, ...]:
    """Make the node of the simulated cameras that the base sees, and of those that are asked for, if there are any."""
    names = viewed_cameras(settings)
    if not names:
        return ()
    options = settings.options
    parameters: dict[str, Parameter] = {"task": options.task, "deployed": options.deployed, "cameras": list(names)}
    if any(stream.is_depth for stream in specs_of(options)[0].images):
        parameters["depth"] = True
    return (NodeSpec("zprl_sim", "renderer_node", "renderer", robot.namespace, parameters, respawn=True),)


def viewed_cameras(settings: GraphSettings) -> tuple[str, ...]:
    """Return the names of the simulated cameras that the policy or the bags see, and of those that are asked for."""
    seen = tuple(stream.camera for stream in specs_of(settings.options)[0].images)
    return tuple(dict.fromkeys((*seen, *settings.options.cameras)))


def surroundings(settings: GraphSettings, robot: RobotSlot) -> tuple[NodeSpec, ...]:
    """Make the operator node and the camera nodes of a real arm."""
    return operator_node(robot), *(camera_node(camera, robot) for camera in settings.station.cameras)


def operator_node(robot: RobotSlot, scene: bool = True) -> NodeSpec:
    """Make the node that tells the operator what to do; with `scene`, the operator also arranges the scene."""
    parameters: dict[str, Parameter] = {"robot": robot.name, "scene": scene}
    return NodeSpec(
        "zprl_episodes", "operator_node", "operator", robot.namespace, parameters, robot.shared, respawn=True
    )


def camera_node(camera: CameraSettings, robot: RobotSlot) -> NodeSpec:
    parameters = changes(camera, CameraSettings(), "") | {"name": camera.name}
    name = f"camera_{camera.name}"
    return NodeSpec("zprl_hardware", "camera_node", name, robot.namespace, parameters, respawn=True, shares="/camera")


def changes(config: Any, default: Any, prefix: str) -> dict[str, Parameter]:
    """Return the values of `config` that differ from `default`, the node's own defaults."""
    usual = flatten(default)
    return {
        prefix + name: list(value) if isinstance(value, tuple) else value
        for name, value in flatten(config).items()
        if value != usual[name]
    }


def given(parameters: dict[str, Parameter]) -> dict[str, Parameter]:
    """Drop empty values: the node's defaults are the same, and ROS cannot represent an empty list."""
    return {key: value for key, value in parameters.items() if value not in ([], "")}
