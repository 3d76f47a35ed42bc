"""What the arm node is told by its parameters."""

from dataclasses import dataclass, field

from zprl.safety.limits import Limits
from zprl_bringup.arm_franky import FrankyConfig


@dataclass(frozen=True)
class ArmSettings:
    """Field names are parameter names."""

    robot: str = "robot"
    control_rate: float = 20.0
    arm_at_start: bool = False  # without a person: for simulated arms only
    scene: bool = False  # whether somebody offers scene/reset, to be asked after the arm's own reset
    limits: Limits = field(default_factory=Limits)
    franky: FrankyConfig = field(default_factory=FrankyConfig)

    def __post_init__(self) -> None:
        if not 1.0 <= self.control_rate <= 200.0:
            raise ValueError(f"control_rate lies in 1..200 Hz, got {self.control_rate}")
        press = self.franky.translational_stiffness * self.franky.error_clip_m
        if press >= self.limits.force:
            raise ValueError(
                f"the arm may press with stiffness times error clip = {press:.0f} N, which must stay below the force "
                f"at which it is stopped, {self.limits.force:g} N"
            )
