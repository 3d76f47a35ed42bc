"""The arm node of a Franka, real or simulated behind its own protocol (FCI)."""

from dataclasses import dataclass, field

from zprl_control.driver import Driver
from zprl_control.ros.arm_node import ArmNode
from zprl_control.safety.joint_motion import ToolAt
from zprl_core.arms.fr3 import urdf
from zprl_core.ros import parameters
from zprl_core.ros.managed_node import run
from zprl_hardware.franka.checks import check_enable_at_start, check_home, check_press, realtime_warning
from zprl_hardware.franka.config import FrankyConfig
from zprl_hardware.franka.driver import FrankyDriver
from zprl_hardware.franka.kinematics import tool_at


@dataclass(frozen=True)
class FrankySettings:
    """Parameters of the node besides those of any arm node; field names are parameter names."""

    franky: FrankyConfig = field(default_factory=FrankyConfig)


class FrankyArmNode(ArmNode):
    """The arm node with the franky driver."""

    def __init__(self) -> None:
        super().__init__()
        parameters.declare(self, FrankySettings())

    def driver(self) -> Driver:
        franky = self._franky = parameters.read(self, FrankySettings, FrankySettings()).franky
        self.description = urdf(franky.hand) if franky.publish_description else ""
        limits = self.settings.limits
        check_press(franky, limits)
        check_home(franky, limits)
        check_enable_at_start(self.settings.enable_at_start, franky)
        if warning := realtime_warning(franky):
            self.get_logger().warning(warning)
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
