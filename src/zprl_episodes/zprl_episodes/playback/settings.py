"""The parameters of the player node."""

from dataclasses import dataclass
from typing import Annotated

from zprl_core.config.metadata import check_ranges, up_to

SPEEDS = up_to(1.0)  # of a playback, relative to the recording


@dataclass(frozen=True)
class PlayerSettings:
    """Field names are parameter names."""

    bag: Annotated[str, "folder of the bag to play"] = ""
    report: Annotated[str, "file that receives the phase and the result as JSON"] = ""
    speed: Annotated[float, "speed relative to the recording", SPEEDS] = 0.5
    approach_m_s: Annotated[float, "speed of the tool on its way to the first recorded pose [m/s]", up_to(0.2)] = 0.05
    approach_rad_s: Annotated[float, "greatest turning speed on that way [rad/s]", up_to(1.0)] = 0.3

    def __post_init__(self) -> None:
        check_ranges(self)
