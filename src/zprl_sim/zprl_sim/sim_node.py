"""The simulated robot as a managed ROS 2 node: the topics and services of a real arm.

Lockstep: a state is published, the command that answers it (same stamp) is executed for exactly one control
step, the next state is published. Real time: one control step every 50 ms, towards the newest command.
"""

import signal
import sys
import threading
import time
from collections import Counter
from typing import Any

import rclpy
from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from rclpy.signals import SignalHandlerOptions

from zprl.action import ArmTarget
from zprl_msgs.msg import ArmCommand
from zprl_msgs.srv import Reset
from zprl_sim.deadlines import Deadlines
from zprl_sim.robot import SimRobot
from zprl_sim.scene import CONTROL_S
from zprl_sim.session import Session, State
from zprl_sim.settings import HELP, RANGES, SimSettings
from zprl_sim.sim_messages_node import Picture, ns_of, stamp_of, target_of
from zprl_sim.sim_outputs_node import EVERY_STATE, Outputs
from zprl_sim.tasks import task_named

try:
    from rclpy.experimental import EventsExecutor as Executor  # the fastest, where there is one
except ImportError:
    from rclpy.executors import SingleThreadedExecutor as Executor

RESEND_S = 0.5  # silence after which lockstep sends its state once more
SLEEP_S = 0.002  # the last bit before a deadline is slept: a sleep ends more sharply than a spin


class SimNode(LifecycleNode):
    """One simulated robot. `wait_s` and `poll` are for the loop that spins it."""

    def __init__(self) -> None:
        super().__init__("sim")
        self.settings: SimSettings | None = None
        self._active = False
        self._counts: Counter[str] = Counter()
        self._asked: ArmTarget | None = None
        self._refused = ""
        self._since, self._steps_since = time.monotonic(), 0
        self._sent_s = 0.0
        declare(self)

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Build scene, publishers and services."""
        try:
            settings = settings_of(self)
            task = task_named(settings.task)
            self._session = Session(SimRobot(task, settings.deployed, settings.seed))
            self.settings = settings
            for camera in settings.cameras:  # a machine without EGL shall say so now
                self._picture(camera)
        except (ValueError, RuntimeError) as error:
            self.settings = None
            self.get_logger().error(str(error))
            return TransitionCallbackReturn.FAILURE
        self._deadlines = Deadlines(CONTROL_S, time.monotonic() + CONTROL_S)
        self._began_ns = self._session.state.observation.stamp_ns
        self._outputs = Outputs(self, settings, task.objects, self._picture)
        self._command_input = self.create_subscription(ArmCommand, "arm/command", self._on_command, EVERY_STATE)
        self._reset_service = self.create_service(Reset, "reset", self._on_reset)
        self._second = self.create_timer(1.0, self._diagnose)
        return TransitionCallbackReturn.SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Publish the first state; the clock runs."""
        result = super().on_activate(state)
        self._active = True
        self._deadlines.next_s = time.monotonic() + CONTROL_S
        self._publish(self._session.state)
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stand still, and publish nothing."""
        self._active = False
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Give the scene back."""
        self._close()
        return TransitionCallbackReturn.SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """The end, from any state."""
        self._active = False
        self._close()
        return TransitionCallbackReturn.SUCCESS

    def wait_s(self) -> float:
        """Seconds that the loop may wait for messages before it polls."""
        if not self._active or self.settings is None:
            return RESEND_S
        now = time.monotonic()
        if self.settings.lockstep:
            return max(0.0, self._sent_s + RESEND_S - now)
        return self._deadlines.remaining(now)

    def poll(self) -> None:
        """Do what the wall clock asks for: a control step in real time, a state once more in lockstep."""
        if not self._active or self.settings is None or self.wait_s() > 0:
            return
        if self.settings.lockstep:
            self._counts["states sent again"] += 1
            self._publish(self._session.state)
        else:
            self._deadlines.tick(time.monotonic())
            self._advance(self._asked, self._refused or "no new command")
            self._asked, self._refused = None, ""

    def _on_command(self, command: ArmCommand) -> None:
        state, lockstep = self._session.state, self.settings is not None and self.settings.lockstep
        stamp = ns_of(command.header.stamp)
        fresh = stamp == state.observation.stamp_ns if lockstep else stamp >= self._began_ns
        if not self._active or not fresh or (lockstep and state.ended):
            self._counts["commands ignored"] += 1
            return
        try:
            self._asked, self._refused = target_of(command), ""
        except ValueError as error:
            self._counts["commands refused"] += 1
            self._asked, self._refused = None, str(error)
            self.get_logger().warning(str(error), throttle_duration_sec=5.0)
        if lockstep:
            self._deadlines.ticks += 1
            self._advance(self._asked, self._refused)

    def _on_reset(self, request: Reset.Request, response: Reset.Response) -> Reset.Response:
        if not self._active:
            response.message = "the simulation is not active; activate it (autostart:=true)"
            return response
        state = self._session.reset(None if request.seed < 0 else request.seed % 2**63)
        self._asked, self._refused = None, ""
        self._began_ns = state.observation.stamp_ns
        response.success, response.stamp = True, stamp_of(self._began_ns)
        self._publish(state)
        return response

    def _advance(self, target: ArmTarget | None, reason: str) -> None:
        self._publish(self._session.advance(target, reason))
        self._steps_since += 1

    def _publish(self, state: State) -> None:
        self._sent_s = time.monotonic()
        self._outputs.publish(state, self._deadlines)

    def _picture(self, camera: str) -> Picture:
        assert self.settings is not None
        return self._session.robot.render(camera, self.settings.camera_width, self.settings.camera_height)

    def _diagnose(self) -> None:
        if self._active:
            now = time.monotonic()
            self._outputs.diagnose(self._deadlines, self._steps_since / (now - self._since), self._counts)
            self._since, self._steps_since = now, 0

    def _close(self) -> None:
        if self.settings is None:
            return
        self.settings = None
        self._session.robot.close()
        self._outputs.destroy()
        self.destroy_subscription(self._command_input)
        self.destroy_service(self._reset_service)
        self.destroy_timer(self._second)


def declare(node: LifecycleNode) -> None:
    """Every field of SimSettings as a parameter with its description and range."""
    for name, default in vars(SimSettings()).items():
        descriptor = ParameterDescriptor(description=HELP[name], read_only=True)
        if name in RANGES:
            low, high = RANGES[name]
            if isinstance(default, int):
                descriptor.integer_range = [IntegerRange(from_value=int(low), to_value=int(high))]
            else:
                descriptor.floating_point_range = [FloatingPointRange(from_value=low, to_value=high)]
        # An empty list has no type of its own.
        value = Parameter.Type.STRING_ARRAY if isinstance(default, tuple) else default
        node.declare_parameter(name, value, descriptor)


def settings_of(node: LifecycleNode) -> SimSettings:
    """The parameters as settings. Raises ValueError when they make no sense."""
    values: dict[str, Any] = {}
    for name, default in vars(SimSettings()).items():
        value = node.get_parameter_or(
            name, Parameter(name, value=list(default) if name == "cameras" else default)
        ).value
        values[name] = tuple(value or ()) if isinstance(default, tuple) else value
    return SimSettings(**values)


def spin(node: SimNode, executor: Any, asked_to_stop: threading.Event) -> None:
    """Messages while there is time, then what is due."""
    while not asked_to_stop.is_set():
        wait = node.wait_s()
        if wait > SLEEP_S:
            executor.spin_once(timeout_sec=wait - SLEEP_S)
        else:
            time.sleep(wait)
        node.poll()


def main() -> None:
    """Entry point. Exit code 2 when the parameters make no sense."""
    asked_to_stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked_to_stop.set())
    # rclpy's own handlers would take the context away in the middle of a step
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    node = SimNode()
    executor = Executor()
    executor.add_node(node)
    code = 0
    if node.get_parameter("autostart").value:
        started = node.trigger_configure() == TransitionCallbackReturn.SUCCESS
        code = 0 if started and node.trigger_activate() == TransitionCallbackReturn.SUCCESS else 2
    if code == 0:
        spin(node, executor, asked_to_stop)
    node.on_shutdown(None)
    executor.shutdown()
    node.destroy_node()
    rclpy.shutdown()
    sys.exit(code)


if __name__ == "__main__":
    main()
