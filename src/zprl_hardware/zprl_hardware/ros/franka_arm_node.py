"""The node of a Franka arm, real or simulated behind its own protocol."""

from dataclasses import dataclass, field

from zprl_control.driver import Driver
from zprl_control.ros.arm_node import ArmNode
from zprl_control.safety.joint_motion import ToolAt
from zprl_core.ros import parameters
from zprl_core.ros.managed_node import run
from zprl_hardware.franka.checks import check_armed_by_a_person, check_home, check_press, unpunctual
from zprl_hardware.franka.config import FrankyConfig
from zprl_hardware.franka.driver import FrankyDriver
from zprl_hardware.franka.kinematics import tool_at


@dataclass(frozen=True)
class FrankySettings:
    """Field names are parameter names."""

    franky: FrankyConfig = field(default_factory=FrankyConfig)


class FrankyArmNode(ArmNode):
    """The arm node over franky."""

    def __init__(self) -> None:
        super().__init__()
        parameters.declare(self, FrankySettings())

    def driver(self) -> Driver:
        franky = self._franky = parameters.read(self, FrankySettings, FrankySettings()).franky
        limits = self.settings.limits
        check_press(franky, limits)
        check_home(franky, limits)
        check_armed_by_a_person(self.settings.enable_at_start, franky)
        if word := unpunctual(franky):
            self.get_logger().warning(word)
        return FrankyDriver(franky, 1.0 / self.settings.control_rate, limits.width)

    def tool_at(self) -> ToolAt | None:
        return tool_at

    def configure(self) -> None:
        super().configure()
        assert self.session is not None
        self.session.binary_gripper = self._franky.binary_gripper


def main() -> None:
    """Entry point."""
    run(FrankyArmNode)


if __name__ == "__main__":
    main()
