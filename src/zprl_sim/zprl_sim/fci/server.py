"""Servers of franky-sim extended by reflexes, lockstep and a single driver. Written for franky-sim 1.0.4."""

import select
import socket
import struct
import time
from typing import Any

import numpy as np
from franky_sim import FrankaRobotServer, FrankaServer
from franky_sim.franka_robot_protocol import (
    AutomaticErrorRecoveryCommand,
    AutomaticErrorRecoveryStatus,
    MoveCommand,
    MoveCommandControllerMode,
    MoveCommandMotionGeneratorMode,
    MoveStatus,
    RobotCommand,
    RobotMode,
    SetCollisionBehaviorCommand,
    UDPCommand,
)
from franky_sim.franka_robot_state import FrankaRobotState

from zprl_sim.fci.arm import FciArm
from zprl_sim.fci.continuity import Continuity, Smoothness
from zprl_sim.fci.gripper import FciGripperServer
from zprl_sim.fci.hand import Hand
from zprl_sim.fci.reflexes import Collision, Limits, Mode, Reflexes, flags
from zprl_sim.fci.seldom import Seldom

COMMAND_BYTES = UDPCommand.STRUCT.size
ROBOT_MODES = {Mode.REFLEX: RobotMode.kReflex, Mode.USER_STOPPED: RobotMode.kUserStopped}


class Move(MoveCommand):
    """Move command that is refused while a reflex is present."""

    def handle(self, server: "FciRobotServer") -> None:
        """Starts the motion, or replies that it is not possible in this mode."""
        if server.reflexes.ready:
            super().handle(server)
        else:
            self.reply(MoveStatus.kCommandNotPossibleRejected)


class Recovery(AutomaticErrorRecoveryCommand):
    """Recovery command that clears errors unless the user stop is pressed."""

    def handle(self, server: "FciRobotServer") -> None:
        """Recovers and replies. The state is sent first, because the driver reads it as soon as it has the reply."""
        status = AutomaticErrorRecoveryStatus
        done = server.reflexes.recover()
        server.send_state()
        self.reply(status.kSuccess if done else status.kCommandRejectedDueToActivatedSafetyFunctions)


class SetCollision(SetCollisionBehaviorCommand):
    """Stores the upper nominal thresholds; the lower ones and those for acceleration are not modeled."""

    def handle(self, server: "FciRobotServer") -> None:
        """Stores the thresholds and replies."""
        torques, forces = self.upper_torque_thresholds_nominal, self.upper_force_thresholds_nominal
        server.collision = Collision(tuple(torques), tuple(forces))
        super().handle(server)


class _OurCommands(FrankaServer):
    """Base class between franky-sim's robot server and its own base that installs the commands above."""

    def __init__(self, *arguments: Any):
        hostnames, port, commands, version = arguments
        ours = {
            RobotCommand.kMove: Move,
            RobotCommand.kAutomaticErrorRecovery: Recovery,
            RobotCommand.kSetCollisionBehavior: SetCollision,
        }
        super().__init__(hostnames, port, {**commands, **ours}, version)


class FciRobotServer(FrankaRobotServer, _OurCommands):
    """Serves one arm at a hostname, ports 1337 and 1338. All methods are called on the simulation thread."""

    def __init__(self, arm: FciArm, hostname: str, limits: Limits, hand: Hand = Hand.HOMED):
        self.arm, self.limits, self._hand = arm, limits, hand
        self.reflexes, self.collision = Reflexes(), Collision()
        self._continuity = Continuity(Smoothness())
        self._commands: MoveCommandMotionGeneratorMode | None = None  # kind of this motion's commands; None for torques
        self._answered = False  # this motion's first command has arrived
        self._lost = 0
        self._requests = Seldom()
        self._received: list[bytes] = []  # commands that are not handled yet
        super().__init__(arm, [hostname])

    def start_motion(self, controller_mode: Any, motion_generator_mode: Any, motion_id: int) -> None:
        """Begins a motion and clears the reasons of the last one."""
        self.reflexes.started()
        self._continuity.begin()
        self.arm.forget_commands()
        self._answered, self._lost = False, 0
        torques = controller_mode == MoveCommandControllerMode.kExternalController
        self._commands = None if torques else motion_generator_mode
        super().start_motion(controller_mode, motion_generator_mode, motion_id)

    def process_commands(self) -> None:
        """Takes what the driver sent: the answers to states in every tick, requests less often."""
        if self._requests.due():
            super().process_commands()
            return
        self._pre_process_commands()
        self._process_udp_commands()
        self._post_process_commands()
        if self.gripper_server is not None:
            self.gripper_server.process_commands()

    def supervise(self) -> None:
        """Raises the reflexes that the state of this tick triggers."""
        scene = self.arm.scene
        excess = self.limits.measured(scene.joint_positions[:7], scene.joint_velocities[:7], *scene.tool_motion())
        self._check(excess | self.collision.exceeded(scene.tau_ext, scene.wrench) | self._silence())

    def inject(self, name: str) -> None:
        """Raises a reflex by name and ends the motion. Raises ValueError for an unknown name."""
        self.reflexes.inject(name)
        self.abort(MoveStatus.kReflexAborted)

    def press_stop(self) -> None:
        """Presses the user stop button, which ends the motion and blocks motion until released."""
        self.reflexes.stop()
        self.abort(MoveStatus.kEmergencyAborted)

    def set_hand(self, hand: Hand) -> None:
        """Changes the state of the hand."""
        if self.gripper_server is not None:
            self.gripper_server.set_hand(hand)

    def abort(self, status: MoveStatus) -> None:
        """Ends the motion in progress, if any, and holds the arm in place."""
        motion = self.current_motion_id
        self.stop_motion(send_preemption_signal=False)
        self._set_private("FrankaRobotServer", "holding_q", self.arm.inner_state.q)
        if motion:
            Move.send_response(self._tcp_socket, RobotCommand.kMove, motion, status)
            self.reset_current_motion_id()

    @property
    def awaits_command(self) -> bool:
        """True while the driver answers each state with a command."""
        return bool(self.current_motion_id) and self._answered

    def wait_for_command(self, seconds: float) -> None:
        """Waits until the driver has answered the newest state or requests something, or `seconds` have passed.

        After an earlier answer alone, two states would be under way, of which a late driver skips one: its motion then
        jumps by a millisecond.
        """
        sockets = [s for s in (_private(self, "udp_socket"), self._tcp_socket) if s is not None]
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            readable, _, _ = select.select(sockets, [], [], left)
            if self._tcp_socket in readable:
                return self._requests.hurry()
            if not readable or self._receive():
                return None

    def refuse_others(self) -> None:
        """Disconnects a second driver, because one process owns the arm."""
        for server in (self, self.gripper_server):
            if server is not None and server.tcp_connected:
                _hang_up(_private(server, "server_socket"))

    def cleanup(self) -> None:
        """Closes every socket, including the driver's."""
        for server in (self.gripper_server, self):
            if server is not None:
                server.reset_state()
        super().cleanup()

    @property
    def robot_state(self) -> FrankaRobotState:
        """The state sent to the driver: franky-sim's state with errors, mode and external forces."""
        state = super().robot_state
        scene, mode = self.arm.scene, self.reflexes.mode
        r = np.array(state.O_T_EE).reshape(4, 4, order="F")[:3, :3] @ np.array(state.EE_T_K).reshape(4, 4).T[:3, :3]
        return state.replace(
            robot_mode=ROBOT_MODES.get(mode, state.robot_mode),
            errors=flags(self.reflexes.current),
            reflex_reason=flags(self.reflexes.last),
            tau_ext_hat_filtered=tuple(scene.tau_ext.tolist()),
            O_F_ext_hat_K=tuple(scene.wrench.tolist()),
            K_F_ext_hat_K=tuple(np.concatenate([scene.wrench[:3] @ r, scene.wrench[3:] @ r]).tolist()),
        )

    def _bind_children(self, hostname: str) -> None:
        gripper = FciGripperServer(self.arm, hostname, self._hand)
        self._set_private("FrankaRobotServer", "gripper_server", gripper)
        gripper.init()

    def _process_udp_commands(self) -> bool:
        """Handles every command that has arrived."""
        if not self.udp_connected:
            self._received.clear()  # they are of a driver that is gone
            return False
        if not self._newest_answered:
            self._receive()
        received, self._received = self._received, []
        for data in received:
            self._handle_udp_command(data)
        return bool(received)

    @property
    def _newest_answered(self) -> bool:
        """True if the driver has answered the newest state, after which it sends no command."""
        return bool(self._received) and _number(self._received[-1]) >= _private(self, "message_id") - 1

    def _receive(self) -> bool:
        """Takes commands that have arrived; returns True if one of them answers the newest state."""
        udp = _private(self, "udp_socket")
        while True:
            try:
                self._received.append(udp.recv(COMMAND_BYTES))
            except BlockingIOError:
                return False
            if self._newest_answered:
                return True

    def _handle_udp_command(self, command_data: bytes) -> None:
        self._answered, self._lost = True, 0
        if self._commands is not None and self.current_motion_id:  # torques have no limits here
            command = UDPCommand.from_bytes(command_data)
            if command.message_id > 0:
                self._check(self._commanded(command))
        if self.reflexes.ready:
            super()._handle_udp_command(command_data)

    def _commanded(self, command: UDPCommand) -> dict[str, float]:
        kinds = MoveCommandMotionGeneratorMode
        if self._commands is kinds.kJointPosition:
            return self.limits.commanded_joints(np.array(command.q_c))
        if self._commands is kinds.kJointVelocity:
            return self.limits.commanded_joint_speed(np.array(command.dq_c))
        number = command.message_id
        if self._commands is kinds.kCartesianPosition:
            return self._continuity.position(number, np.array(command.O_T_EE_c)[12:15])
        if self._commands is kinds.kCartesianVelocity:
            velocity = np.array(command.O_dP_EE_c)
            return self.limits.commanded_tool_speed(velocity) | self._continuity.velocity(number, velocity[:3])
        return {}

    def _silence(self) -> dict[str, float]:
        self._lost = self._lost + 1 if self.awaits_command else 0
        allowed = self.limits.lost_commands
        return {} if allowed is None else {"communication_constraints_violation": float(self._lost - allowed)}

    def _check(self, excess: dict[str, float]) -> None:
        if self.reflexes.watch(excess):
            self.abort(MoveStatus.kReflexAborted)

    def _set_private(self, owner: str, name: str, value: Any) -> None:
        setattr(self, f"_{owner}__{name}", value)


def _number(command: bytes) -> int:
    """Returns the number of the state that a command answers."""
    return int.from_bytes(command[:8], "little")


def _private(server: FrankaServer, name: str) -> Any:
    """Returns a private attribute of franky-sim's server."""
    return getattr(server, f"_FrankaServer__{name}")


def _hang_up(listening: socket.socket) -> None:
    try:
        other, _ = listening.accept()
    except BlockingIOError:
        return
    other.setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )  # reset the connection instead of closing it quietly
    other.close()
