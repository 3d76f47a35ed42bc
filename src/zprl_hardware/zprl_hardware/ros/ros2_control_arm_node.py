"""The arm node over `ros2_control`, for any robot whose controllers use the usual topics."""

from pathlib import Path

from zprl_control.driver import Driver
from zprl_control.ros.arm_node import ArmNode
from zprl_control.safety.joint_motion import ToolAt
from zprl_control.safety.limits import Limits
from zprl_core.arm_model import FR3, ArmModel
from zprl_core.ros import parameters, topics
from zprl_core.ros.managed_node import run
from zprl_hardware.ros.ros2_control_link import Ros2ControlLink
from zprl_hardware.ros2_control.checks import check_settings
from zprl_hardware.ros2_control.config import Ros2ControlConfig, Ros2ControlSettings, UrdfSource
from zprl_hardware.ros2_control.driver import Ros2ControlDriver
from zprl_hardware.ros2_control.measurements import Measurements


class Ros2ControlArmNode(ArmNode):
    """The arm node, with a timer that streams setpoints more often than the control loop ticks."""

    publishes_tool = False  # the robot's own tf tree has it

    def __init__(self) -> None:
        super().__init__()
        parameters.declare(self, Ros2ControlSettings())

    def driver(self) -> Driver:
        """Raises ValueError when parameters contradict each other, OSError when the URDF file is missing."""
        config = self._config = parameters.read(self, Ros2ControlSettings, Ros2ControlSettings()).ros2_control
        check_settings(config, self.settings.limits, self.settings.enable_at_start)
        self._check_topic(config)
        self.model = model_from(config, self.settings.limits)
        measured = self._measured = Measurements(config)
        if config.urdf_source is UrdfSource.FILE:
            measured.description = Path(config.urdf_file).read_text()
        if not config.wrench:
            self.get_logger().warning(
                "ros2_control.wrench is empty: no contact guard; only the robot's own limits stop it on contact"
            )
        link = Ros2ControlLink(self, config, measured)
        driver = Ros2ControlDriver(config, measured, link, 1.0 / self.settings.control_rate)
        self.create_timer(1.0 / config.stream_rate, driver.pump, clock=self.wall)
        return driver

    def tool_at(self) -> ToolAt | None:
        """Forward kinematics from the URDF; None without one."""
        return None if self._config.urdf_source is UrdfSource.NONE else self._measured.tool_at

    def configure(self) -> None:
        super().configure()
        assert self.session is not None
        self.session.binary_gripper = self._config.binary_gripper

    def _check_topic(self, config: Ros2ControlConfig) -> None:
        """The arm node publishes joint_states itself, for policy and recorder, and must not read them back."""
        own = self.resolve_topic_name(topics.JOINT_STATES.name)
        if self.resolve_topic_name(config.joint_states) == own:
            raise ValueError(
                f"this node publishes {own} itself, and ros2_control.joint_states is the same topic; start it in a "
                f"namespace (-r __ns:=/zprl)"
            )


def model_from(config: Ros2ControlConfig, limits: Limits) -> ArmModel:
    """Frames, joints and gripper of the configured arm, as its messages name them."""
    return ArmModel(
        name="ros2_control",
        base_frame=config.base_frame,
        tool_frame=config.tool_frame,
        joints=config.joints,
        fingers=FR3.fingers,
        max_width=config.gripper_width,
        joint_low=limits.joint_low,
        joint_high=limits.joint_high,
        home=config.home_joints,
    )


def main() -> None:
    """Entry point."""
    run(Ros2ControlArmNode)


if __name__ == "__main__":
    main()
