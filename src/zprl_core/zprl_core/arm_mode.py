"""The arm's modes, and what leads from one to another. What is not in the table is illegal."""

from enum import Enum, IntEnum


class ArmMode(IntEnum):
    """What the arm is doing. Numbers as in ArmStatus."""

    DISCONNECTED = 0
    IDLE = 1
    STREAM = 2
    RESET = 3
    HOLD = 4
    FAULT = 5
    ESTOP = 6


class ArmEvent(Enum):
    """What may change the mode."""

    CONNECTED = "the arm answered"
    LOST = "the connection to the arm was lost"
    ENABLE = "a person armed it"
    HOLD = "it was told to hold"
    FOLLOW = "a command came"
    SILENCE = "commands stay out"
    RESET = "it was told to move to the start"
    ARRIVED = "the reset motion ended"
    STOP = "it was told to stop"
    FAULT = "something went wrong"
    RECOVER = "a person recovered it"
    ESTOP = "a person pressed the emergency stop"
    RELEASE = "a person released the emergency stop"


class IllegalTransition(ValueError):
    """What happened makes no sense in this mode; the text says what to do first."""


M, H = ArmMode, ArmEvent
ENABLED = (M.STREAM, M.RESET, M.HOLD)
TABLE: dict[tuple[ArmMode, ArmEvent], ArmMode] = {
    (M.DISCONNECTED, H.CONNECTED): M.IDLE,
    (M.IDLE, H.ENABLE): M.HOLD,
    (M.HOLD, H.ENABLE): M.HOLD,  # the end of a person's hold
    (M.HOLD, H.FOLLOW): M.STREAM,
    (M.STREAM, H.FOLLOW): M.STREAM,
    (M.STREAM, H.SILENCE): M.HOLD,
    (M.HOLD, H.SILENCE): M.HOLD,
    (M.HOLD, H.RESET): M.RESET,
    (M.RESET, H.ARRIVED): M.HOLD,
    (M.FAULT, H.RECOVER): M.IDLE,
    (M.ESTOP, H.RELEASE): M.FAULT,  # a released stop is no permission to move: recover, then arm
    (M.STREAM, H.HOLD): M.HOLD,
    (M.HOLD, H.HOLD): M.HOLD,
    (M.RESET, H.HOLD): M.RESET,  # it brakes; where it stands it has arrived
    **{(mode, H.STOP): M.IDLE for mode in (*ENABLED, M.IDLE)},
    **{(mode, H.FAULT): M.FAULT for mode in (*ENABLED, M.IDLE, M.FAULT)},
    **{(mode, H.LOST): M.DISCONNECTED for mode in M if mode != M.ESTOP},
    **{(mode, H.ESTOP): M.ESTOP for mode in M},
    (M.ESTOP, H.LOST): M.ESTOP,  # latched: it stays when the arm comes back
    (M.ESTOP, H.CONNECTED): M.ESTOP,
    (M.FAULT, H.CONNECTED): M.FAULT,  # the stop was released while the arm was away
}
REMEDY = {
    M.DISCONNECTED: "connect the arm",
    M.IDLE: "arm it",
    M.STREAM: "hold or stop it",
    M.RESET: "wait for the reset to end, or stop it",
    M.HOLD: "send commands, reset or stop it",
    M.FAULT: "remove the cause, then recover it",
    M.ESTOP: "release the emergency stop",
}


def next_mode(mode: ArmMode, event: ArmEvent) -> ArmMode:
    """The next mode. Raises IllegalTransition, which says what to do first."""
    try:
        return TABLE[mode, event]
    except KeyError:
        raise IllegalTransition(f"{event.value}, but the arm is in {mode.name}: {REMEDY[mode]} first") from None
