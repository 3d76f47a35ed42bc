"""What stands for a robot and its surroundings in a graph: a simulation, or an arm, its cameras and its operator."""

from dataclasses import dataclass
from typing import Any

from zprl_bringup.graph.settings import GraphSettings, RobotKind
from zprl_bringup.graph.spec import NodeSpec, Parameter
from zprl_bringup.graph.station import Station
from zprl_control.safety.limits import Limits
from zprl_core.config.flatten import flatten
from zprl_hardware.cameras.camera import CameraSettings
from zprl_hardware.franka.config import FrankyConfig

SERVOS: dict[str, Parameter] = {"limits.force": 300.0, "limits.torque": 60.0}  # press far harder than an arm on springs
# Nobody is there who could recover it from a stop: it stops late. The springs swing some millimetres past a wall, so
# the workspace ends above the table. Franka's controller is a program here, which stands still when the machine does.
HARD: dict[str, Parameter] = {
    "limits.low": [*Limits().low[:2], 0.02, *Limits().low[3:]],
    "limits.force": 100.0,
    "limits.state_s": 0.5,
    "franky.collision_force": 150.0,
}
LOOPBACK = "127.0.0.1"  # where the simulated FCI listens


@dataclass(frozen=True)
class RobotSlot:
    """A robot's place in the graph."""

    name: str
    namespace: str
    seed: int
    shared: tuple[tuple[str, str], ...] = ()
    clock: tuple[tuple[str, str], ...] = ()


def robot_nodes(settings: GraphSettings, robot: RobotSlot) -> tuple[NodeSpec, ...]:
    """What stands for the robot and its surroundings."""
    if settings.robot == RobotKind.SIM:
        return (_sim(settings, robot),)
    if settings.robot == RobotKind.MUJOCO:
        return (_mujoco(settings, robot),)
    arm = _franky(settings, robot)
    if settings.robot == RobotKind.FCI_SIM:
        return _fci(settings, robot), arm
    return arm, _operator(robot), *(_camera(camera, robot) for camera in settings.station.cameras)


def _fci(settings: GraphSettings, robot: RobotSlot) -> NodeSpec:
    parameters = {**_scene(settings, robot), "hostname": LOOPBACK}
    return NodeSpec("zprl_sim", "fci_node", "fci", robot.namespace, parameters, respawn=True)


def _mujoco(settings: GraphSettings, robot: RobotSlot) -> NodeSpec:
    parameters = {**SERVOS, **_arm(settings, robot), **_scene(settings, robot)}
    return NodeSpec("zprl_sim", "mujoco_arm_node", "mujoco", robot.namespace, parameters, robot.shared, respawn=True)


def _scene(settings: GraphSettings, robot: RobotSlot) -> dict[str, Parameter]:
    """Of a simulation whose arm an arm node moves."""
    return {"scene.task": settings.task, "scene.seed": robot.seed, "scene.deployed": settings.deployed}


def _arm(settings: GraphSettings, robot: RobotSlot) -> dict[str, Parameter]:
    """Of any arm node."""
    station = settings.station
    return given({
        "robot": robot.name,
        "enable_at_start": settings.robot != RobotKind.FRANKY,
        "scene_resets": True,  # by the simulation, or by a person
        "control_rate": station.control_rate,
        "dead_man": station.dead_man,
        "cameras": [camera.name for camera in station.cameras],
        **changes(station.limits, Limits(), "limits."),
        **({"command_gain": station.command_gain} if station.command_gain != Station().command_gain else {}),
    })  # fmt: skip


def _franky(settings: GraphSettings, robot: RobotSlot) -> NodeSpec:
    simulated = settings.robot == RobotKind.FCI_SIM
    parameters: dict[str, Parameter] = {
        **_arm(settings, robot),
        **changes(settings.station.franky, FrankyConfig(), "franky."),
        "franky.hostname": LOOPBACK if simulated else settings.hostname or settings.station.franky.hostname,
        "franky.enforce_realtime": settings.station.franky.enforce_realtime and not simulated,
    }
    if simulated:
        parameters = {**HARD, **parameters}
    return NodeSpec(
        "zprl_hardware", "franka_arm_node", "arm", robot.namespace, parameters, robot.shared, respawn=simulated
    )


def _operator(robot: RobotSlot) -> NodeSpec:
    """Who asks the person to put the scene in order."""
    parameters: dict[str, Parameter] = {"robot": robot.name}
    return NodeSpec(
        "zprl_episodes", "operator_node", "operator", robot.namespace, parameters, robot.shared, respawn=True
    )


def _camera(camera: CameraSettings, robot: RobotSlot) -> NodeSpec:
    parameters = changes(camera, CameraSettings(), "") | {"name": camera.name}
    name = f"camera_{camera.name}"
    return NodeSpec("zprl_hardware", "camera_node", name, robot.namespace, parameters, respawn=True, shares="/camera")


def _sim(settings: GraphSettings, robot: RobotSlot) -> NodeSpec:
    return NodeSpec(
        "zprl_sim", "sim_node", "sim", robot.namespace,
        given({
            "task": settings.task,
            "seed": robot.seed,
            "lockstep": settings.lockstep,
            "deployed": settings.deployed,
            "latency": settings.latency.value,
            "cameras": list(settings.cameras),
        }),
        robot.clock,
        respawn=True,
    )  # fmt: skip


def changes(config: Any, default: Any, prefix: str) -> dict[str, Parameter]:
    """What differs from the node's own defaults."""
    usual = flatten(default)
    return {
        prefix + name: list(value) if isinstance(value, tuple) else value
        for name, value in flatten(config).items()
        if value != usual[name]
    }


def given(parameters: dict[str, Parameter]) -> dict[str, Parameter]:
    """Without what is empty: the node's own default says the same, and ROS knows no empty list."""
    return {key: value for key, value in parameters.items() if value not in ([], "")}
