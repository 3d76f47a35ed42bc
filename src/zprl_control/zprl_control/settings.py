"""The parameters of the arm node."""

from dataclasses import dataclass, field
from typing import Annotated

from zprl_control.safety.limits import Limits
from zprl_core.config.metadata import CONTROL_RATES, GAINS, check_ranges


@dataclass(frozen=True)
class ArmSettings:
    """The parameters of the node of any arm. Field names are parameter names."""

    robot: Annotated[str, "name of this robot in the episode events"] = "robot"
    control_rate: Annotated[float, "control steps per second [Hz]", CONTROL_RATES] = 20.0
    enable_at_start: Annotated[bool, "true: enable the arm without an operator; for simulated arms only"] = False
    scene_resets: Annotated[bool, "true: after the arm's own reset, call scene/reset of another node"] = False
    cameras: Annotated[tuple[str, ...], "names of the cameras that must be alive for a policy to move the arm"] = ()
    command_gain: Annotated[
        float, "factor on the distance from the measured tool to a policy's target, for an arm that lags", GAINS
    ] = 1.0
    dead_man: Annotated[bool, "true: the arm moves only while the operator holds a device's enable button"] = False
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        check_ranges(self)
