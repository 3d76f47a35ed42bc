"""franky-sim's server of the hand, which answers a motion that was stopped. Written for franky-sim 1.0.4."""

import socket

from franky_sim.franka_gripper_protocol import GripperCommandStatus
from franky_sim.franka_gripper_server import FrankaGripperServer
from franky_sim.franka_server import BaseCommand


class FciGripperServer(FrankaGripperServer):
    """As Franka's hand does, it says that a motion was aborted: whoever waits for its end would wait for ever."""

    def stop(self, command_id: int, tcp_socket: socket.socket) -> None:
        """End the motion in progress, if any, and hold the width."""
        if self._pending_command_id is not None:
            BaseCommand.send_response(
                self._pending_tcp_socket,
                self._pending_command_type,
                self._pending_command_id,
                GripperCommandStatus.kAborted,
                command_type_struct="H",
                status_type_struct="H",
            )
        super().stop(command_id, tcp_socket)
