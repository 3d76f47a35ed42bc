"""Gripper server of franky-sim that answers when a motion is stopped. Written for franky-sim 1.0.4."""

import socket

from franky_sim.franka_gripper_protocol import GripperCommandStatus
from franky_sim.franka_gripper_server import FrankaGripperServer
from franky_sim.franka_server import BaseCommand


class FciGripperServer(FrankaGripperServer):
    """Reports an aborted motion, as the Franka Hand does; otherwise the caller would wait forever."""

    def stop(self, command_id: int, tcp_socket: socket.socket) -> None:
        """Ends the motion in progress, if any, and holds the width."""
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
