"""A simulated robot behind `ros2_control`: joint states, tf, tool pose, a command topic, a gripper action.

It tests the ros2_control driver without a robot: MuJoCo's FR3 in a task's scene, in real time.
"""

import time

from std_srvs.srv import SetBool

from zprl_core.deadline_timer import DeadlineTimer
from zprl_core.ros import parameters, services
from zprl_core.ros.conversions import time_from
from zprl_core.ros.managed_node import ManagedNode, run
from zprl_msgs.srv import Reset
from zprl_sim.controlled_arm import ControlledArm
from zprl_sim.controller_settings import ControllerSettings
from zprl_sim.robot import SimRobot
from zprl_sim.ros.controller_topics import CommandTopic, StateTopics
from zprl_sim.ros.gripper_server import GripperServer
from zprl_sim.ros.scene_publishers import ScenePublishers
from zprl_sim.settings import CONTROL_S


class ControllerNode(ManagedNode):
    """One arm and its controllers. `~/set_active` false makes the controller ignore commands."""

    def __init__(self) -> None:
        super().__init__("controllers")
        parameters.declare(self, ControllerSettings())
        self._arm: ControlledArm | None = None

    def configure(self) -> None:
        s = parameters.read(self, ControllerSettings, ControllerSettings())
        self._robot = SimRobot(s.scene.sim_task, s.scene.deployed, s.scene.seed)
        arm = self._arm = ControlledArm(self._robot, 1.0 / s.rate)
        self._commands = CommandTopic(self, arm, s)
        self._states = StateTopics(self, arm, s)
        self._gripper = GripperServer(self, arm, s.gripper, s.gripper_action)
        self._scene = ScenePublishers(self, s.scene)
        self._deadlines = DeadlineTimer(arm.period_s, time.monotonic() + arm.period_s)
        self._cycles, self._cycles_a_step = 0, round(CONTROL_S / arm.period_s)
        services.CONTROLLERS_SET_ACTIVE.serve(self, self._on_active)
        services.SCENE_RESET.serve(self, self._on_scene_reset)

    def activate(self) -> None:
        self._deadlines.next_s = time.monotonic()

    def close(self) -> None:
        if self._arm is not None:
            self._robot.close()
            self._arm = None

    def wait_s(self) -> float:
        return self._deadlines.remaining(time.monotonic()) if self.active else 0.1

    def step(self) -> None:
        """Runs one control cycle, when it is due."""
        now = time.monotonic()
        if self._arm is None or not self.active or self._deadlines.remaining(now) > 0.0:
            return
        self._deadlines.tick(now)
        self._arm.step()
        self._gripper.watch()
        stamp_ns = time.time_ns()
        self._states.publish(stamp_ns)
        self._cycles += 1
        if self._cycles % self._cycles_a_step == 0:
            self._scene.publish(stamp_ns, self._robot.things(), self._robot.success, self._robot.positions)

    def health(self) -> tuple[str, dict[str, object]]:
        return "", {"cycles": self._cycles, "lost cycles": self._deadlines.lost, "refused": self._commands.refused}

    def _on_active(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        self._commands.active = request.data
        response.success = True
        return response

    def _on_scene_reset(self, request: Reset.Request, response: Reset.Response) -> Reset.Response:
        self._robot.place_things(None if request.seed < 0 else request.seed)
        self._scene.steps = 0
        response.success, response.stamp = True, time_from(time.time_ns())
        return response


def main() -> None:
    """Runs the node."""
    run(ControllerNode)


if __name__ == "__main__":
    main()
