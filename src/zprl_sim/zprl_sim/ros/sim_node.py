"""The simulated robot as a managed ROS 2 node with the topics and services of a real arm.

Lockstep: the node publishes a state, waits for the commands of all arms with the same stamp, executes them for exactly
one control step and publishes the next state. Real time: one control step every 50 ms toward the newest commands.
"""

import time
from collections import Counter
from functools import partial

from rclpy.lifecycle import LifecycleState, TransitionCallbackReturn

from zprl_core.action import ArmTarget
from zprl_core.deadline_timer import DeadlineTimer
from zprl_core.host.own_graph import stranger
from zprl_core.host.scheduling import go_first
from zprl_core.ros import parameters, services, topics
from zprl_core.ros.conversions import ns_from, time_from
from zprl_core.ros.managed_node import ManagedNode, run
from zprl_msgs.msg import ArmCommand
from zprl_msgs.srv import Reset
from zprl_sim.latency import make_robot
from zprl_sim.lockstep_session import LockstepSession, State
from zprl_sim.ros.messages import target_from
from zprl_sim.ros.publishers import Publishers
from zprl_sim.settings import CONTROL_S, SimSettings
from zprl_sim.tasks.catalog import task_named

RESEND_S = 0.5  # silence after which lockstep repeats its state
SLEEP_S = 0.002  # the rest before a deadline is slept, because a sleep ends more precisely than a spin
WARN_LATENESS_MS = 5.0


class SimNode(ManagedNode):
    """A simulated robot with one or several arms."""

    def __init__(self) -> None:
        super().__init__("sim")
        self._counts: Counter[str] = Counter()
        self._requested: dict[str, ArmTarget] = {}  # by arm, received since the last control step
        self._refused: dict[str, str] = {}  # why an arm's command was refused
        self._sent_s = 0.0
        self._scheduling = "normal"
        self._since, self._steps_since = time.monotonic(), 0
        parameters.declare(self, SimSettings())

    def configure(self) -> None:
        """Creates scene, publishers and services. Raises ValueError when the parameters are invalid."""
        s = self._settings = parameters.read(self, SimSettings, SimSettings())
        task = task_named(s.task)
        # Stamps start at the wall clock, as on a robot, so that they differ after a restart.
        try:  # report missing EGL at start
            robot = make_robot(task, s.latency, s.deployed, s.seed, time.time_ns(), s.obs)
            self._session = LockstepSession(robot)
            for camera in s.cameras:
                robot.render(camera, s.camera_width, s.camera_height)
        except RuntimeError as error:
            raise ValueError(str(error)) from None
        self._deadlines = DeadlineTimer(CONTROL_S, time.monotonic() + CONTROL_S)
        self._began_ns = self._session.state.observation.stamp_ns
        self._outputs = Publishers(self, self._settings, robot)
        self._clear_commands()
        self._arms = len(task.arms)
        for arm in task.arms:
            topics.ARM_COMMAND.under(arm.arm).subscribe(self, partial(self._on_command, arm.arm))
        services.RESET.serve(self, self._on_reset)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Publishes the first state and starts the clock."""
        result = super().on_activate(state)
        self._deadlines.next_s = time.monotonic() + CONTROL_S
        if not self._settings.lockstep:
            self._scheduling = go_first()
        self._publish(self._session.state)
        return result

    def close(self) -> None:
        """Frees the renderer."""
        if hasattr(self, "_session"):
            self._session.robot.close()
            del self._session

    def wait_s(self) -> float:
        """Returns how long the loop may wait for messages [s]."""
        return max(0.0, self._remaining_s() - SLEEP_S)

    def step(self) -> None:
        """Does what is due by the wall clock: a control step in real time, a repeated state in lockstep."""
        remaining = self._remaining_s()
        if not self.active or remaining > SLEEP_S:
            return
        time.sleep(remaining)
        if self._settings.lockstep:
            self._counts["states sent again"] += 1
            self._publish(self._session.state)
        else:
            self._deadlines.tick(time.monotonic())
            self._advance()

    def health(self) -> tuple[str, dict[str, object]]:
        """Returns the health of the control loop for /diagnostics."""
        now, late = time.monotonic(), self._deadlines.lateness_ms(99)
        rate = self._steps_since / max(now - self._since, 1e-9)
        self._since, self._steps_since = now, 0
        problem = (
            "control ticks start late; give the simulation a CPU core of its own" if late > WARN_LATENESS_MS else ""
        )
        return problem, {
            "clock": "lockstep" if self._settings.lockstep else "real time",
            "scheduling": self._scheduling,
            "steps per second": f"{rate:.1f}",
            "ticks": self._deadlines.ticks,
            "late ticks": self._deadlines.late,
            "lost ticks": self._deadlines.lost,
            "lateness p99 [ms]": f"{late:.2f}",
            **self._counts,
        }

    def _remaining_s(self) -> float:
        if not self.active:
            return RESEND_S
        now = time.monotonic()
        if self._settings.lockstep:
            return max(0.0, self._sent_s + RESEND_S - now)
        return self._deadlines.remaining(now)

    def _on_command(self, arm: str, command: ArmCommand) -> None:
        if why := stranger(command.graph):
            self._counts["commands refused"] += 1
            self.get_logger().warning(why, throttle_duration_sec=5.0)
            return
        state, lockstep = self._session.state, self._settings.lockstep
        stamp = ns_from(command.header.stamp)
        fresh = stamp == state.observation.stamp_ns if lockstep else stamp >= self._began_ns
        if not self.active or not fresh or (lockstep and state.ended):
            self._counts["commands ignored"] += 1
            return
        try:
            self._requested[arm] = target_from(command, self._session.robot.task.tilt)
            self._refused.pop(arm, None)
        except ValueError as error:
            self._counts["commands refused"] += 1
            self._refused[arm] = str(error)
            self._requested.pop(arm, None)
            self.get_logger().warning(str(error), throttle_duration_sec=5.0)
        if lockstep and len(self._requested) + len(self._refused) == self._arms:
            self._deadlines.ticks += 1
            self._advance()

    def _on_reset(self, request: Reset.Request, response: Reset.Response) -> Reset.Response:
        if not self.active:
            response.message = "the simulation is not active; activate it (autostart:=true)"
            return response
        state = self._session.reset(None if request.seed < 0 else request.seed)
        self._clear_commands()
        self._began_ns = state.observation.stamp_ns
        response.success, response.stamp = True, time_from(self._began_ns)
        self._publish(state)
        return response

    def _advance(self) -> None:
        state = self._session.advance(self._requested, self._refused)
        self._clear_commands()
        self._publish(state)
        self._steps_since += 1

    def _clear_commands(self) -> None:
        self._requested, self._refused = {}, {}

    def _publish(self, state: State) -> None:
        self._sent_s = time.monotonic()
        self._outputs.publish(state, self._deadlines)


def main() -> None:
    """Runs the node. Exit code 2 means invalid parameters."""
    run(SimNode)


if __name__ == "__main__":
    main()
