"""Looks at a Franka arm once, through franky: who answers, in which mode, and how its gripper moves. For the doctor.

    arm_probe.py arm|gripper HOSTNAME

is a process of its own that prints a reading as JSON: libfranka may wait for a minute, and only a process can be ended.
"""

import json
import sys
import time
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any

TRIES, WAIT_S = 3, 0.5  # a server that was just connected to may need a moment
STEP_M, SPEED = 0.01, 0.05  # that the gripper moves, and back; [m], [m/s]


@dataclass(frozen=True)
class ArmReading:
    """`trouble`: why there is no connection; then mode and errors are empty."""

    franky: str  # version of the wheel
    libfranka: str  # version of the library that it brought
    mode: str = ""
    errors: tuple[str, ...] = ()
    trouble: str = ""


@dataclass(frozen=True)
class GripperReading:
    """Widths in metres, times in seconds. `trouble`: why it did not move."""

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
    print(json.dumps(asdict(move_gripper(hostname) if what == "gripper" else read_arm(hostname))), flush=True)


def read_arm(hostname: str) -> ArmReading:
    """Connect, look, and hang up. Changes nothing."""
    import franky

    versions = metadata.version("franky-control"), libfranka()
    trouble = ""
    for _ in range(TRIES):
        try:
            state = franky.Robot(hostname, realtime_config=franky.RealtimeConfig.Ignore).state
            return ArmReading(*versions, state.robot_mode.name, _errors(state.current_errors))
        except franky.NetworkException as error:
            trouble = str(error)
            time.sleep(WAIT_S)
        except franky.Exception as error:  # another version, for example: trying again cannot help
            return ArmReading(*versions, trouble=str(error))
    return ArmReading(*versions, trouble=trouble)


def _errors(errors: Any) -> tuple[str, ...]:
    return tuple(name for name in dir(errors) if not name.startswith("_") and getattr(errors, name) is True)


def libfranka() -> str:
    """The version of the libfranka that franky brought, by its file's name."""
    for file in metadata.files("franky-control") or ():
        if file.name.startswith("libfranka-") and ".so." in file.name:
            return file.name.rpartition(".so.")[2]
    return "unknown"


def move_gripper(hostname: str) -> GripperReading:
    """Open, or close, by a centimetre, and back. Nothing moves while something is held."""
    import franky

    try:
        return _round_trip(franky.Gripper(hostname))
    except franky.Exception as error:
        return GripperReading(trouble=str(error))


def _round_trip(gripper: Any) -> GripperReading:
    before, most = float(gripper.width), float(gripper.max_width)
    if gripper.is_grasped:
        return GripperReading(before, trouble="it holds something")
    if most < 2 * STEP_M:
        return GripperReading(before, trouble="it does not know its widest opening: it is not homed")
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
