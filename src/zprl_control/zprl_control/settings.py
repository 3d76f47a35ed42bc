"""What the arm node is told by its parameters."""

from dataclasses import dataclass, field

from zprl_control.safety.limits import Limits


@dataclass(frozen=True)
class ArmSettings:
    """Of any arm. Field names are parameter names."""

    robot: str = "robot"
    control_rate: float = 20.0
    enable_at_start: bool = False  # without a person: for simulated arms only
    scene_resets: bool = False  # whether somebody offers scene/reset, to be asked after the arm's own reset
    cameras: tuple[str, ...] = ()  # names of the cameras that must be alive for a policy to move the arm
    # of a policy's commands, for an arm that lags: told is so many times the distance to them
    command_gain: float = 1.0
    dead_man: bool = False  # whether a person must hold a teleoperation device's enable button
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if not 1.0 <= self.control_rate <= 200.0:
            raise ValueError(f"control_rate lies in 1..200 Hz, got {self.control_rate}")
        if not 1.0 <= self.command_gain <= 10.0:
            raise ValueError(f"command_gain lies in 1..10, got {self.command_gain}")
