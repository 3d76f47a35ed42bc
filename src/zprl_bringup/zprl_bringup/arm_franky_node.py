"""The node of a Franka arm, real or simulated behind its own protocol."""

from dataclasses import dataclass, field

from zprl.arm import Backend
from zprl.ros import parameters
from zprl.ros.managed_node import run
from zprl_bringup.arm_franky import FrankyArm, FrankyConfig
from zprl_bringup.arm_node import ArmNode


@dataclass(frozen=True)
class FrankySettings:
    """Field names are parameter names."""

    franky: FrankyConfig = field(default_factory=FrankyConfig)


class FrankyArmNode(ArmNode):
    """The arm node over franky."""

    def __init__(self) -> None:
        super().__init__()
        parameters.declare(self, FrankySettings())

    def backend(self) -> Backend:
        franky = parameters.read(self, FrankySettings, FrankySettings()).franky
        press, force = franky.translational_stiffness * franky.error_clip_m, self.settings.limits.force
        if press >= force:
            raise ValueError(
                f"the arm may press with stiffness times error clip = {press:.0f} N, which must stay below the force "
                f"at which it is stopped, {force:g} N"
            )
        return FrankyArm(franky)


def main() -> None:
    """Entry point."""
    run(FrankyArmNode)


if __name__ == "__main__":
    main()
