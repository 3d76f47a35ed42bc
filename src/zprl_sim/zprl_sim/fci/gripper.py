"""Gripper server of franky-sim that answers when a motion is stopped, and can fail. Written for franky-sim 1.0.4."""

import socket
from typing import Any

from franky_sim.constants import FRANKA_HAND_MAX_WIDTH
from franky_sim.franka_gripper_protocol import GripperCommand, GripperCommandStatus
from franky_sim.franka_gripper_server import FrankaGripperServer
from franky_sim.franka_server import BaseCommand

from zprl_sim.fci.hand import Hand
from zprl_sim.fci.seldom import Seldom


class FciGripperServer(FrankaGripperServer):
    """Reports an aborted motion, as the Franka Hand does; otherwise the caller would wait forever."""

    def __init__(self, robot: Any, hostname: str, hand: Hand = Hand.HOMED):
        self._requests, self._states = Seldom(), Seldom()
        super().__init__(robot, hostname)
        self.set_hand(hand)

    def process_commands(self) -> None:
        """Watches the motion in every tick, and looks for requests less often."""
        if self._requests.due():
            super().process_commands()
        else:
            self._post_process_commands()

    def send_state(self) -> None:
        """Sends the state, at 250 Hz."""
        if self._states.due():
            super().send_state()

    def set_hand(self, hand: Hand) -> None:
        """Changes the state of the hand from now on."""
        self._refuses = hand is Hand.REFUSES
        self._max_width = 0.0 if hand is Hand.NOT_HOMED else FRANKA_HAND_MAX_WIDTH

    def start_move(self, width: float, speed: float, command_id: int, tcp_socket: socket.socket) -> None:
        """Begins to move, or refuses."""
        if self._refused(GripperCommand.kMove, command_id, tcp_socket):
            return
        super().start_move(width, speed, command_id, tcp_socket)

    def start_grasp(
        self,
        width: float,
        speed: float,
        force: float,
        epsilon_inner: float,
        epsilon_outer: float,
        command_id: int,
        tcp_socket: socket.socket,
    ) -> None:
        """Begins to grasp, or refuses."""
        if self._refused(GripperCommand.kGrasp, command_id, tcp_socket):
            return
        super().start_grasp(width, speed, force, epsilon_inner, epsilon_outer, command_id, tcp_socket)

    def start_homing(self, command_id: int, tcp_socket: socket.socket) -> None:
        """Begins to home, or refuses."""
        if self._refuses:
            _answer(GripperCommand.kHoming, command_id, tcp_socket, GripperCommandStatus.kFail)
            return
        super().start_homing(command_id, tcp_socket)

    def stop(self, command_id: int, tcp_socket: socket.socket) -> None:
        """Ends the motion in progress, if any, and holds the width."""
        if self._pending_command_id is not None:
            _answer(
                self._pending_command_type,
                self._pending_command_id,
                self._pending_tcp_socket,
                GripperCommandStatus.kAborted,
            )
        super().stop(command_id, tcp_socket)

    def _refused(self, command: GripperCommand, command_id: int, tcp_socket: socket.socket) -> bool:
        refused = self._refuses or self._max_width == 0.0
        if refused:
            _answer(command, command_id, tcp_socket, GripperCommandStatus.kFail)
        return refused


def _answer(command: Any, command_id: int, tcp_socket: Any, status: GripperCommandStatus) -> None:
    BaseCommand.send_response(tcp_socket, command, command_id, status, command_type_struct="H", status_type_struct="H")
