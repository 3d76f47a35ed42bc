"""The simulated FCI as a managed node: the real driver moves the arm, and this node publishes the objects."""

import time

from zprl_core.deadline_timer import DeadlineTimer
from zprl_core.host.scheduling import go_first
from zprl_core.ros import parameters, services
from zprl_core.ros.conversions import time_from
from zprl_core.ros.managed_node import ManagedNode, run
from zprl_msgs.srv import Reset
from zprl_sim.fci.pace import Pace
from zprl_sim.fci.settings import FciSettings
from zprl_sim.fci.simulator import CONTROL_BOX, FciSim
from zprl_sim.ros.scene_publishers import ScenePublishers
from zprl_sim.settings import CONTROL_S


class FciNode(ManagedNode):
    """A simulated arm behind Franka's protocol."""

    def __init__(self) -> None:
        super().__init__("fci")
        parameters.declare(self, FciSettings())
        self._sim: FciSim | None = None

    def configure(self) -> None:
        """Starts serving the arm. Raises OSError when its ports are in use, ValueError for an unknown task."""
        s = self.settings = parameters.read(self, FciSettings, FciSettings())
        task, scene = s.scene.sim_task, s.scene
        first = not s.lockstep  # in lockstep the arm waits for its driver, and need not take most of a processor
        if first:
            # This thread holds the interpreter's lock now and then; without priority the arm would wait meanwhile.
            go_first(CONTROL_BOX)
        self._sim = FciSim(
            task, s.hostname, s.lockstep, deployed=scene.deployed, seed=scene.seed, hand=s.hand, first=first
        ).__enter__()
        self._scene = ScenePublishers(self, scene)
        self._deadlines, self._pace = DeadlineTimer(CONTROL_S, time.monotonic() + CONTROL_S), Pace()
        services.SCENE_RESET.serve(self, self._on_reset)

    def activate(self) -> None:
        self._deadlines.next_s = time.monotonic() + CONTROL_S

    def close(self) -> None:
        if self._sim is not None:
            self._sim.close()
            self._sim = None
            self.get_logger().info(self._pace.summary)

    def wait_s(self) -> float:
        return self._deadlines.remaining(time.monotonic()) if self.active else 0.1

    def step(self) -> None:
        """Publishes the objects, once per control step."""
        sim, now = self._sim, time.monotonic()
        if sim is None or not self.active or self._deadlines.remaining(now) > 0:
            return
        self._deadlines.tick(now)
        if not sim.running:
            raise RuntimeError("the simulated FCI stopped; see the log for the cause")
        self._pace.step(now, sim.time_s)
        if trouble := self._pace.trouble:
            self.get_logger().warning(trouble, throttle_duration_sec=30.0)
        self._scene.publish(time.time_ns(), sim.things(), sim.success, sim.positions)

    def _on_reset(self, request: Reset.Request, response: Reset.Response) -> Reset.Response:
        if self._sim is None or not self.active:
            response.message = "the simulated FCI is not active; activate it (autostart:=true)"
            return response
        self._sim.reset_scene(None if request.seed < 0 else request.seed)
        self._scene.steps = 0
        response.success, response.stamp = True, time_from(time.time_ns())
        return response

    def health(self) -> tuple[str, dict[str, object]]:
        if self._sim is None:
            return "not configured", {}
        return self._pace.trouble, {
            "steps": self._scene.steps,
            "late ticks": self._deadlines.late,
            "lost ticks": self._deadlines.lost,
            "speed of the simulated arm": f"{self._pace.speed:.3f}",
            "uneven control steps": self._pace.uneven,
            "scheduling": self._sim.scheduling,
        }


def main() -> None:
    """Runs the node."""
    run(FciNode)


if __name__ == "__main__":
    main()
