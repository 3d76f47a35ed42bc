"""Reads a Franka arm's versions, mode and errors, reads its hand, or moves the hand once, for the doctor.

    python -m zprl_hardware.franka.probe arm|hand|gripper HOSTNAME

runs as a separate process that prints one reading as JSON: libfranka may block for a minute, and only a process can be
ended from outside.
"""

import json
import sys
import time
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any

from zprl_hardware.franka.conversions import errors_from
from zprl_hardware.franka.gripper import HOMED_M

TRIES, WAIT_S = 3, 0.5  # a server may need a moment after its last connection
STEP_M, SPEED = 0.01, 0.05  # of the gripper's motion out and back [m], [m/s]


@dataclass(frozen=True)
class ArmReading:
    """Versions and state of the arm. `trouble` says why there is no connection; mode and errors are then empty."""

    franky: str  # version of the wheel
    libfranka: str  # version of the library in the wheel
    mode: str = ""
    errors: tuple[str, ...] = ()
    trouble: str = ""


@dataclass(frozen=True)
class HandReading:
    """State of the hand: widths [m]; the greatest is 0 until it is homed. `trouble` says why it does not answer."""

    width: float = 0.0
    max_width: float = 0.0
    grasped: bool = False
    trouble: str = ""

    @property
    def homed(self) -> bool:
        """True when the hand knows its ends."""
        return self.max_width >= HOMED_M


@dataclass(frozen=True)
class GripperReading:
    """Result of one motion of the gripper: widths [m], durations [s]. `trouble` says why it did not move."""

    before: float = 0.0
    asked: float = 0.0
    reached: float = 0.0
    after: float = 0.0
    there_s: float = 0.0
    back_s: float = 0.0
    trouble: str = ""


def main() -> None:
    """Entry point."""
    what, hostname = sys.argv[1:]
    reading: ArmReading | HandReading | GripperReading
    if what == "arm":
        reading = read_arm(hostname)
    else:
        reading = move_gripper(hostname) if what == "gripper" else read_gripper(hostname)
    print(json.dumps(asdict(reading)), flush=True)


def read_arm(hostname: str) -> ArmReading:
    """Connect, read the state, and disconnect. Changes nothing."""
    import franky

    versions = metadata.version("franky-control"), libfranka()
    trouble = ""
    for _ in range(TRIES):
        try:
            state = franky.Robot(hostname, realtime_config=franky.RealtimeConfig.Ignore).state
            return ArmReading(*versions, state.robot_mode.name, tuple(errors_from(state.current_errors)))
        except franky.NetworkException as error:
            trouble = str(error)
            time.sleep(WAIT_S)
        except franky.Exception as error:  # another version, for example: retrying does not help
            return ArmReading(*versions, trouble=str(error))
    return ArmReading(*versions, trouble=trouble)


def libfranka() -> str:
    """Return the version of the libfranka in franky's wheel, from its file name."""
    for file in metadata.files("franky-control") or ():
        if file.name.startswith("libfranka-") and ".so." in file.name:
            return file.name.rpartition(".so.")[2]
    return "unknown"


def read_gripper(hostname: str) -> HandReading:
    """Connect and read the hand. Moves nothing."""
    import franky

    trouble = ""
    for _ in range(TRIES):
        try:
            state = franky.Gripper(hostname).state
            return HandReading(float(state.width), float(state.max_width), bool(state.is_grasped))
        except franky.Exception as error:
            trouble = str(error)
            time.sleep(WAIT_S)
    return HandReading(trouble=trouble)


def move_gripper(hostname: str) -> GripperReading:
    """Open or close by one centimeter, and back. Does not move while it holds an object."""
    import franky

    try:
        return _round_trip(franky.Gripper(hostname))
    except franky.Exception as error:
        return GripperReading(trouble=str(error))


def _round_trip(gripper: Any) -> GripperReading:
    before, most = float(gripper.width), float(gripper.max_width)
    if gripper.is_grasped:
        return GripperReading(before, trouble="it holds an object")
    if most < HOMED_M:
        return GripperReading(before, trouble="its greatest opening is unknown: it is not homed")
    asked = before + STEP_M if before + STEP_M <= most else before - STEP_M
    there_s, reached = _timed_move(gripper, asked)
    back_s, after = _timed_move(gripper, before)
    return GripperReading(before, asked, reached, after, there_s, back_s)


def _timed_move(gripper: Any, width: float) -> tuple[float, float]:
    began = time.monotonic()
    gripper.move(width, SPEED)
    return time.monotonic() - began, float(gripper.width)


if __name__ == "__main__":
    main()
