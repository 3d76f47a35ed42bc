"""The arm's modes and the transitions between them. A transition that is not in the table is illegal."""

from enum import Enum, IntEnum


class ArmMode(IntEnum):
    """The arm's mode. The values are those of ArmStatus."""

    DISCONNECTED = 0
    IDLE = 1
    STREAM = 2
    RESET = 3
    HOLD = 4
    FAULT = 5
    ESTOP = 6


class ArmEvent(Enum):
    """An event that may change the mode."""

    CONNECTED = "the arm connected"
    LOST = "the connection to the arm was lost"
    ENABLE = "enable was requested"
    HOLD = "hold was requested"
    FOLLOW = "a command arrived"
    SILENCE = "commands stopped arriving"
    RESET = "a move to the start was requested"
    ARRIVED = "the reset motion finished"
    STOP = "stop was requested"
    FAULT = "a fault occurred"
    RECOVER = "recovery was requested"
    ESTOP = "the emergency stop was pressed"
    RELEASE = "the emergency stop was released"


class IllegalTransition(ValueError):
    """The event is not allowed in this mode; the message says what to do first."""


M, E = ArmMode, ArmEvent
ENABLED = (M.STREAM, M.RESET, M.HOLD)
BROKEN = (M.FAULT, M.ESTOP, M.DISCONNECTED)  # an episode cannot go on
TABLE: dict[tuple[ArmMode, ArmEvent], ArmMode] = {
    (M.DISCONNECTED, E.CONNECTED): M.IDLE,
    (M.IDLE, E.ENABLE): M.HOLD,
    (M.HOLD, E.ENABLE): M.HOLD,  # ends a requested hold
    (M.HOLD, E.FOLLOW): M.STREAM,
    (M.STREAM, E.FOLLOW): M.STREAM,
    (M.STREAM, E.SILENCE): M.HOLD,
    (M.HOLD, E.SILENCE): M.HOLD,
    (M.HOLD, E.RESET): M.RESET,
    (M.RESET, E.ARRIVED): M.HOLD,
    (M.FAULT, E.RECOVER): M.IDLE,
    (M.ESTOP, E.RELEASE): M.FAULT,  # releasing the stop does not allow motion: recover, then enable
    (M.STREAM, E.HOLD): M.HOLD,
    (M.HOLD, E.HOLD): M.HOLD,
    (M.RESET, E.HOLD): M.RESET,  # it brakes; once stopped, it has arrived
    **{(mode, E.STOP): M.IDLE for mode in (*ENABLED, M.IDLE)},
    **{(mode, E.FAULT): M.FAULT for mode in (*ENABLED, M.IDLE, M.FAULT)},
    **{(mode, E.LOST): M.DISCONNECTED for mode in M if mode != M.ESTOP},
    **{(mode, E.ESTOP): M.ESTOP for mode in M},
    (M.ESTOP, E.LOST): M.ESTOP,  # latched: it persists when the arm reconnects
    (M.ESTOP, E.CONNECTED): M.ESTOP,
    (M.FAULT, E.CONNECTED): M.FAULT,  # the stop was released while the arm was disconnected
}
REMEDY = {
    M.DISCONNECTED: "connect the arm",
    M.IDLE: "enable it",
    M.STREAM: "hold or stop it",
    M.RESET: "wait for the reset to end, or stop it",
    M.HOLD: "send commands, reset or stop it",
    M.FAULT: "remove the cause and recover it",
    M.ESTOP: "release the emergency stop",
}


def next_mode(mode: ArmMode, event: ArmEvent) -> ArmMode:
    """Returns the next mode. Raises IllegalTransition, which says what to do first."""
    try:
        return TABLE[mode, event]
    except KeyError:
        raise IllegalTransition(f"{event.value}, but the arm is in {mode.name}: {REMEDY[mode]} first") from None


def illegal_reason(mode: ArmMode, event: ArmEvent) -> str:
    """Returns why the event is not allowed in this mode; "" if it is."""
    try:
        next_mode(mode, event)
    except IllegalTransition as illegal:
        return str(illegal)
    return ""
