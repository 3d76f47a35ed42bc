"""An arm node over ros2_control, the simulated controllers that it drives, and a client outside."""

from collections.abc import Iterator
from typing import Any

from geometry_msgs.msg import PoseStamped
from sensor_msgs.msg import JointState
from std_srvs.srv import Trigger

from listener import Listener, start_node, stop_node
from zprl_control.ros.publishers import pose_message
from zprl_core.ros.qos import STATE
from zprl_msgs.msg import ArmCommand, ArmStatus

ARM = (
    "import sys; sys.argv += ['--ros-args', '-r', '__ns:=/zprl']; "
    "from zprl_hardware.ros.ros2_control_arm_node import main; main()"
)
CONTROLLERS = "from zprl_sim.ros.controller_node import main; main()"
PATIENT = ("limits.state_s:=1.0", "ros2_control.silence_s:=0.9", "ros2_control.lost_s:=3.0")  # machines are noisy
AWAY = (0.50, 0.08, 0.25, 0.0, 0.0, 0.3)


class ControllersHarness(Listener):
    """Everything around one arm node and its controllers."""

    def __init__(self, domain: int, controllers: tuple[str, ...], arm: tuple[str, ...]) -> None:
        super().__init__(domain)
        self.domain, self.clients = domain, {}
        self.controllers_with = controllers
        self.controllers = start_node(domain, ["-c", CONTROLLERS], *controllers)
        self.arm = start_node(domain, ["-c", ARM], *PATIENT, *arm)
        self.hear(ArmStatus, "/zprl/arm/status", STATE)
        self.hear(JointState, "/zprl/joint_states", STATE)
        self.hear(PoseStamped, "/zprl/arm/current_pose", STATE)
        self.commands = self.node.create_publisher(ArmCommand, "/zprl/arm/command", STATE)

    @property
    def status(self) -> ArmStatus:
        return self.heard["/zprl/arm/status"][-1]

    @property
    def pose(self) -> PoseStamped:
        return self.heard["/zprl/arm/current_pose"][-1]

    @property
    def joints(self) -> tuple[float, ...]:
        return tuple(self.heard["/zprl/joint_states"][-1].position[:7])

    @property
    def width(self) -> float:
        return sum(self.heard["/zprl/joint_states"][-1].position[7:])

    def reaches(self, mode: int) -> ArmStatus:
        """The first status in this mode from now on."""
        heard = self.heard["/zprl/arm/status"]
        heard.clear()
        self.until(lambda: any(status.mode == mode for status in heard))
        return next(status for status in heard if status.mode == mode)

    def ask(self, service: str, kind: Any = Trigger, request: Any = None) -> Any:
        if service not in self.clients:
            self.clients[service] = self.node.create_client(kind, service)
            self.until(self.clients[service].service_is_ready)
            self.spin(0.2)
        answer = self.clients[service].call_async(request or kind.Request())
        self.until(answer.done)
        return answer.result()

    def enable(self) -> None:
        self.reaches(ArmStatus.IDLE)
        answer = self.ask("/zprl/arm/enable")
        assert answer.success, answer.message
        self.reaches(ArmStatus.HOLD)

    def command(self, width: float) -> None:
        self.commands.publish(ArmCommand(target=pose_message(AWAY), gripper_width=width, source="policy"))

    def drives_to(self, width: float) -> None:
        """Commands until tool and fingers are there."""

        def there() -> bool:
            self.command(width)
            p = self.pose.pose.position
            far = sum((a - b) ** 2 for a, b in zip((p.x, p.y, p.z), AWAY[:3], strict=True)) ** 0.5
            return far < 0.01 and abs(self.width - width) < 0.005

        self.until(there)

    def command_joints(self, joints: tuple[float, ...]) -> None:
        self.commands.publish(ArmCommand(joints=joints, gripper_width=0.08, source="policy"))

    def drives_joints_to(self, joints: tuple[float, ...]) -> None:
        """Commands until the joints are there."""

        def there() -> bool:
            self.command_joints(joints)
            return max(abs(a - b) for a, b in zip(self.joints, joints, strict=True)) < 0.01

        self.until(there)

    def restart_controllers(self) -> None:
        self.controllers = start_node(self.domain, ["-c", CONTROLLERS], *self.controllers_with)

    def end(self) -> None:
        self.close()
        codes = [stop_node(process) for process in (self.arm, self.controllers)]
        assert codes == [0, 0]


def controllers_harness(
    domain: int, controllers: tuple[str, ...], arm: tuple[str, ...]
) -> Iterator[ControllersHarness]:
    harness = ControllersHarness(domain, controllers, arm)
    try:
        yield harness
    finally:
        harness.end()
