"""Robot `franky`: a real Franka arm, with its cameras and its operator."""

from dataclasses import replace

from zprl_bringup.graph.robots.checks import check_franka_base, check_real_arm
from zprl_bringup.graph.robots.franka_arm import check_franka, franka_arm
from zprl_bringup.graph.robots.nodes import surroundings
from zprl_bringup.graph.robots.robot import Robot, RobotSlot
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import NodeSpec
from zprl_hardware.franka.checks import realtime_warning


def _hostname(settings: GraphSettings) -> str:
    return settings.options.hostname or settings.station.franky.hostname


def _nodes(settings: GraphSettings, robot: RobotSlot) -> tuple[NodeSpec, ...]:
    arm = franka_arm(settings, robot, {}, _hostname(settings), simulated=False)
    return arm, *surroundings(settings, robot)


def _check(settings: GraphSettings) -> None:
    check_real_arm(settings)
    check_franka(settings)
    check_franka_base(settings)


def _warning(settings: GraphSettings) -> str:
    return realtime_warning(replace(settings.station.franky, hostname=_hostname(settings)))


FRANKY: Robot[GraphSettings] = Robot(
    name="franky",
    text="a real Franka arm",
    nodes=_nodes,
    check=_check,
    warning=_warning,
    remote=True,
    doctor="zprl_cli.doctor.franka:checks",
)
