"""Arm node of a Franka, which robots `franky` and `fci-sim` share."""

from collections.abc import Mapping

from zprl_bringup.graph.base_check import check_gripper
from zprl_bringup.graph.robots.nodes import arm_parameters, changes
from zprl_bringup.graph.robots.robot import RobotSlot
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import NodeSpec, Parameter
from zprl_hardware.franka.checks import check_home, check_press
from zprl_hardware.franka.config import FrankyConfig


def check_franka(settings: GraphSettings) -> None:
    """Raises ValueError when its springs can exceed the limits, it cannot be enabled at home, or lacks a gripper."""
    station = settings.station
    check_press(station.franky, station.limits)
    check_home(station.franky, station.limits)
    check_gripper(settings.options.base, "" if station.franky.hand else "franky.hand is false")


def franka_arm(
    settings: GraphSettings, robot: RobotSlot, own: Mapping[str, Parameter], hostname: str, simulated: bool
) -> NodeSpec:
    """Make the arm node with the franky driver. The station's parameters take precedence over `own`."""
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
