"""Checks of a Franka arm, real or simulated, for robots `franky` and `fci-sim`."""

from zprl_bringup.graph.robots.fci_sim import LOOPBACK
from zprl_bringup.graph.station import Station
from zprl_cli.doctor import arm, realtime
from zprl_cli.doctor.check import ArmRequest, Check, skip

REMEDY = "check the arm's network and Desk"


def checks(request: ArmRequest) -> list[Check]:
    """List the checks of a real arm."""
    host = request.hostname or (request.station or Station()).franky.hostname
    look = Check("arm", lambda: arm.look(host), limit_s=30.0, remedy=REMEDY)
    return [look, _gripper(host, request.move_gripper), Check("kernel", realtime.look)]


def simulated_checks(request: ArmRequest) -> list[Check]:
    """List the checks of the simulated FCI."""
    host = request.hostname or LOOPBACK
    look = Check("arm", lambda: arm.look_simulated(host), limit_s=30.0, remedy=REMEDY)
    no_kernel = skip("real time", "robot fci-sim needs no real-time kernel")
    return [look, _gripper(host, request.move_gripper), no_kernel]


def _gripper(host: str, move: bool) -> Check:
    if not move:
        return skip("gripper", "not moved without --move-gripper")
    return Check("gripper", lambda: arm.look_gripper(host), limit_s=30.0, remedy=REMEDY)
