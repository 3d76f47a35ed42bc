"""The simulated FCI with its scene as a managed node: the real driver moves the arm, this node tells of the objects."""

import time

from geometry_msgs.msg import PoseStamped
from rclpy.lifecycle import LifecycleState, TransitionCallbackReturn
from std_msgs.msg import Header

from zprl.deadlines import Deadlines
from zprl.observation import PlanarPose
from zprl.ros import parameters
from zprl.ros.conversions import time_of
from zprl.ros.managed_node import ManagedNode, run
from zprl.ros.qos import STATE
from zprl_msgs.msg import SuccessDetection
from zprl_msgs.srv import Reset
from zprl_sim.fci import FciSim
from zprl_sim.fci_settings import FciSettings
from zprl_sim.scene import CONTROL_S
from zprl_sim.sim_messages_node import BASE_FRAME, object_pose
from zprl_sim.tasks import task_named


class FciNode(ManagedNode):
    """One simulated arm behind Franka's protocol."""

    def __init__(self) -> None:
        super().__init__("fci")
        parameters.declare(self, FciSettings())
        self._sim: FciSim | None = None

    def configure(self) -> None:
        """Serve the arm. Raises OSError when its ports are taken, ValueError for an unknown task."""
        s = self.settings = parameters.read(self, FciSettings, FciSettings())
        self.task = task_named(s.task)
        self._sim = FciSim(self.task, s.hostname, s.lockstep, deployed=s.deployed, seed=s.seed).__enter__()
        off = self.task.mismatch.seen_off_by if s.deployed else (0.0, 0.0, 0.0)
        self._seen_off_by = off
        self._steps = 0
        self._deadlines = Deadlines(CONTROL_S, time.monotonic() + CONTROL_S)
        self._objects = {
            name: self.create_publisher(PoseStamped, f"objects/{name}/pose", STATE) for name in self.task.objects
        }
        self._success = self.create_publisher(SuccessDetection, "success", STATE)
        self.create_service(Reset, "scene/reset", self._on_reset)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        self._deadlines.next_s = time.monotonic() + CONTROL_S
        return super().on_activate(state)

    def close(self) -> None:
        if self._sim is not None:
            self._sim.close()

    def wait_s(self) -> float:
        return self._deadlines.remaining(time.monotonic()) if self.active else 0.1

    def step(self) -> None:
        """Tell of the objects, every control step."""
        sim, now = self._sim, time.monotonic()
        if sim is None or not self.active or self._deadlines.remaining(now) > 0:
            return
        self._deadlines.tick(now)
        if not sim.running:
            raise RuntimeError("the simulated FCI stopped; the log says why")
        self._steps += 1
        header = Header(stamp=time_of(time.time_ns()), frame_id=BASE_FRAME)
        for name, pose in sim.things().items():
            self._objects[name].publish(PoseStamped(header=header, pose=object_pose(self._seen(pose))))
        success = sim.success
        ended = success or self._steps >= self.settings.patience * self.task.time_limit
        self._success.publish(SuccessDetection(header=header, success=success, ended=ended, step=self._steps))

    def _seen(self, pose: PlanarPose) -> PlanarPose:
        x, y, z = (p + d for p, d in zip(pose.position, self._seen_off_by, strict=True))
        return PlanarPose((x, y, z), pose.yaw)

    def _on_reset(self, request: Reset.Request, response: Reset.Response) -> Reset.Response:
        if self._sim is None or not self.active:
            response.message = "the simulated FCI is not active; activate it (autostart:=true)"
            return response
        self._sim.reset_scene(None if request.seed < 0 else request.seed)
        self._steps = 0
        response.success, response.stamp = True, time_of(time.time_ns())
        return response

    def health(self) -> tuple[str, dict[str, object]]:
        return "", {"steps": self._steps, "late ticks": self._deadlines.late, "lost ticks": self._deadlines.lost}


def main() -> None:
    """Entry point."""
    run(FciNode)


if __name__ == "__main__":
    main()
