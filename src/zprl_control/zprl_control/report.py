"""The result of one control step of an arm session."""

from dataclasses import dataclass

from zprl_control.driver import ArmState
from zprl_control.safety.guard import SafeCommand
from zprl_core.arm_mode import ArmMode


@dataclass(frozen=True)
class Report:
    """The result of one control step."""

    mode: ArmMode
    reason: str  # why the command is clipped, held or stopped; "" if it is not
    state: ArmState | None = None  # None while there is no connection
    command: SafeCommand | None = None  # None while the arm follows nothing
    source: str = ""  # source of the command that is followed; "" for none
    person: bool = False  # the operator commands, or did so a moment ago: a policy's command is not executed
