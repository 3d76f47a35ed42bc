"""The state that a gripper reports: whether it does what it was commanded, and why not."""

from dataclasses import dataclass
from enum import IntEnum


class GripperMode(IntEnum):
    """The gripper's mode. The values are those of ArmStatus."""

    ABSENT = 0
    CONNECTING = 1
    HOMING = 2
    MOVING = 3
    HOLDING = 4
    NOT_HOMED = 5
    REFUSED = 6


FAILED = (GripperMode.NOT_HOMED, GripperMode.REFUSED)
STARTING = (GripperMode.CONNECTING, GripperMode.HOMING)


@dataclass(frozen=True)
class GripperState:
    """The mode of a gripper. A mode of `FAILED` has a reason, which names the remedy."""

    mode: GripperMode = GripperMode.HOLDING
    reason: str = ""

    def __post_init__(self) -> None:
        if self.mode in FAILED and not self.reason:
            raise ValueError(f"a gripper in {self.mode.name} must give its reason")

    @property
    def trouble(self) -> str:
        """Returns why the gripper does not do what it was commanded; "" if it does."""
        return self.reason if self.mode in FAILED else ""

    @property
    def starting(self) -> bool:
        """True while it connects or is homed: a command waits until then."""
        return self.mode in STARTING


FOLLOWS = GripperState()
NO_GRIPPER = GripperState(GripperMode.ABSENT)
