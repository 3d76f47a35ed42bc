"""A lifecycle node that activates itself, reports on /diagnostics, and exits cleanly on SIGINT and SIGTERM."""

import gc
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import rclpy
import rclpy.logging
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rcl_interfaces.msg import ParameterDescriptor
from rclpy.clock import Clock, ClockType
from rclpy.exceptions import ParameterException
from rclpy.executors import ExternalShutdownException
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.signals import SignalHandlerOptions

from zprl_core.errors import USER_ERROR, CheckpointError
from zprl_core.host.ros_log_folder import use_writable_log_folder
from zprl_core.host.start_errors import REPORT, explain
from zprl_core.ros import topics

try:
    from rclpy.experimental import EventsExecutor as Executor  # the fastest, where available
except ImportError:
    from rclpy.executors import SingleThreadedExecutor as Executor


class ManagedNode(LifecycleNode):
    """Base class of the nodes. Subclasses define `configure`, `close` and `health`, and may define `step`."""

    def __init__(self, name: str):
        super().__init__(name)
        self.active = False
        self.wall = Clock(clock_type=ClockType.STEADY_TIME)
        self.declare_parameter(
            "autostart",
            True,
            ParameterDescriptor(description="configure and activate at start", read_only=True),
        )

    def configure(self) -> None:
        """Reads parameters and creates publishers and subscriptions.

        CheckpointError, ValueError and OSError mean bad input, and end the node with exit code 2.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Writes what must not be lost. Called exactly once, however the node ends."""

    def health(self) -> tuple[str, dict[str, object]]:
        """Returns the current problem ("" if there is none) and the values to show."""
        return "", {}

    def wait_s(self) -> float:
        """Returns how long the loop may wait for messages [s]."""
        return 0.1

    def step(self) -> None:
        """Does the work that is due between messages."""

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        try:
            self.configure()
        except (CheckpointError, ValueError, OSError) as error:
            self.get_logger().fatal(str(error))
            return TransitionCallbackReturn.FAILURE
        except Exception as error:
            known = explain(error)
            if not known:
                raise
            self.get_logger().fatal(known)
            return TransitionCallbackReturn.FAILURE
        self._diagnostics = topics.DIAGNOSTICS.publisher(self)
        self.create_timer(1.0, self._diagnose, clock=self.wall)
        return TransitionCallbackReturn.SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        self.active = True
        return super().on_activate(state)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        self.active = False
        return super().on_deactivate(state)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        self.active = False
        return TransitionCallbackReturn.SUCCESS

    def _diagnose(self) -> None:
        problem, values = self.health()
        status = DiagnosticStatus(
            name=self.get_fully_qualified_name(),
            level=DiagnosticStatus.WARN if problem else DiagnosticStatus.OK,
            message=problem,
            values=[KeyValue(key=key, value=str(value)) for key, value in values.items()],
        )
        message = DiagnosticArray(status=[status])
        message.header.stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(message)


def run(make: Callable[[], ManagedNode]) -> None:
    """Runs a node until SIGINT or SIGTERM, closes it and exits, with code 2 if the parameters are invalid."""

    def loop(node: ManagedNode, executor: Any, stop: threading.Event) -> None:
        while rclpy.ok() and not stop.is_set():
            executor.spin_once(timeout_sec=node.wait_s())
            node.step()

    _main(make, loop)


class WorkingNode(ManagedNode):
    """A managed node that works in the main thread while another thread spins."""

    def work(self, stop: threading.Event) -> None:
        """Works until `stop` is set."""
        raise NotImplementedError


def run_threaded(make: Callable[[], WorkingNode]) -> None:
    """Runs a node as `run` does, with `work` in the main thread and messages handled in another."""

    def loop(node: WorkingNode, executor: Any, stop: threading.Event) -> None:
        def spin() -> None:
            while rclpy.ok() and not stop.is_set():
                executor.spin_once(timeout_sec=0.1)

        spinner = threading.Thread(target=spin, name="spin", daemon=True)
        spinner.start()
        try:
            node.work(stop)
        finally:
            stop.set()
            spinner.join(timeout=5.0)

    _main(make, loop)


def _main(make: Callable[[], Any], loop: Callable[[Any, Any, threading.Event], None]) -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Only set a flag: an exception raised inside a callback may get lost.
        signal.signal(number, lambda *_: stop.set())
    use_writable_log_folder()
    try:
        rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
        node, code = make(), 0
    except ParameterException as error:  # wrong type, or out of range
        rclpy.logging.get_logger("zprl").fatal(f"{error}; give the parameter another value")
        rclpy.try_shutdown()
        sys.exit(USER_ERROR)
    except Exception as error:
        known = explain(error)
        if not known:
            print(f"zprl: {REPORT}", file=sys.stderr)
            raise
        sys.stderr.write(f"zprl: {known}\n")
        rclpy.try_shutdown()
        sys.exit(USER_ERROR)
    try:
        executor = Executor()
        executor.add_node(node)
        if node.get_parameter("autostart").value and not _start(node):
            code = USER_ERROR
        else:
            gc.collect()
            gc.freeze()  # a full collection in the middle of a control tick takes milliseconds
            loop(node, executor, stop)
    except ExternalShutdownException:
        pass
    finally:
        node.close()
        node.destroy_node()
        rclpy.try_shutdown()
        gc.unfreeze()  # frozen objects keep the DDS participant and its shared memory alive
        del node
        gc.collect()
    sys.exit(code)


def _start(node: ManagedNode) -> bool:
    if node.trigger_configure() != TransitionCallbackReturn.SUCCESS:
        return False
    return bool(node.trigger_activate() == TransitionCallbackReturn.SUCCESS)
