"""The arm node over a MuJoCo arm and its scene, with the guards and topics of a real arm."""

import time
from dataclasses import dataclass, field

from zprl_control.driver import Driver
from zprl_control.report import Report
from zprl_control.ros.arm_node import ArmNode
from zprl_control.safety.joint_motion import ToolAt
from zprl_core.arms.fr3 import urdf
from zprl_core.ros import parameters, services
from zprl_core.ros.conversions import time_from
from zprl_core.ros.managed_node import run
from zprl_msgs.srv import Reset
from zprl_sim.mujoco_driver import MujocoDriver
from zprl_sim.robot import SimRobot
from zprl_sim.ros.scene_publishers import ScenePublishers
from zprl_sim.scene_settings import SceneSettings
from zprl_sim.settings import CONTROL_S


@dataclass(frozen=True)
class MujocoSettings:
    """The parameters of the scene. Field names are parameter names."""

    scene: SceneSettings = field(default_factory=SceneSettings)


class MujocoArmNode(ArmNode):
    """The arm node over MuJoCo. It also offers scene/reset, which the operator does on a real arm."""

    description = urdf()

    def __init__(self) -> None:
        super().__init__("mujoco")
        parameters.declare(self, MujocoSettings())

    def driver(self) -> Driver:
        rate = 1.0 / CONTROL_S
        if self.settings.control_rate != rate:
            raise ValueError(
                f"the simulated arm needs a control_rate of {rate:g} Hz, got {self.settings.control_rate:g}"
            )
        scene = parameters.read(self, MujocoSettings, MujocoSettings()).scene
        tilt, box = scene.sim_task.tilt, self.settings.limits
        if tilt > min(*box.high[3:5], *(-end for end in box.low[3:5])):
            self.get_logger().warning(
                f"task {scene.task} tilts the gripper by up to {tilt:g} rad, but limits.low and limits.high of roll "
                f"and pitch allow less; widen them in a station"
            )
        self._robot = SimRobot(scene.sim_task, scene.deployed, scene.seed)
        self._scene = ScenePublishers(self, scene)
        services.SCENE_RESET.serve(self, self._on_scene_reset)
        return MujocoDriver(self._robot)

    def tool_at(self) -> ToolAt | None:
        return self._robot.arm.tool_at

    def publish(self, stamp_ns: int, report: Report) -> None:
        super().publish(stamp_ns, report)
        self._scene.publish(stamp_ns, self._robot.things(), self._robot.success, self._robot.positions)

    def _on_scene_reset(self, request: Reset.Request, response: Reset.Response) -> Reset.Response:
        self._robot.place_things(None if request.seed < 0 else request.seed)
        self._scene.steps = 0
        response.success, response.stamp = True, time_from(time.time_ns())
        return response


def main() -> None:
    """Runs the node."""
    run(MujocoArmNode)


if __name__ == "__main__":
    main()
