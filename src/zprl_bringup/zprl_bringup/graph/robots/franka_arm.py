"""The node of a Franka arm, which `franky` and `fci-sim` share."""

from collections.abc import Mapping

from zprl_bringup.graph.robots.nodes import arm_parameters, changes
from zprl_bringup.graph.robots.robot import RobotSlot
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import NodeSpec, Parameter
from zprl_hardware.franka.checks import check_home, check_press
from zprl_hardware.franka.config import FrankyConfig


def check_franka(settings: GraphSettings) -> None:
    """Raises ValueError when its springs press harder than the limits allow, or home is no place to start from."""
    station = settings.station
    check_press(station.franky, station.limits)
    check_home(station.franky, station.limits)


def franka_arm(
    settings: GraphSettings, robot: RobotSlot, own: Mapping[str, Parameter], hostname: str, simulated: bool
) -> NodeSpec:
    """The arm node over franky. The station's parameters go before the robot's `own`."""
    franky = settings.station.franky
    parameters: dict[str, Parameter] = {
        **own,
        **arm_parameters(settings, robot, simulated),
        **changes(franky, FrankyConfig(), "franky."),
        "franky.hostname": hostname,
        "franky.enforce_realtime": franky.enforce_realtime and not simulated,
    }
    return NodeSpec(
        "zprl_hardware", "franka_arm_node", "arm", robot.namespace, parameters, robot.shared, respawn=simulated,
        is_arm=True,
    )  # fmt: skip
