"""A lifecycle node that activates itself, reports on /diagnostics, and exits cleanly on SIGINT and SIGTERM.

Every transition may follow every other one: cleanup releases what configure took, so that the node can be configured
again, and shutdown ends the process.
"""

import gc
import signal
import sys
import threading
import time
import traceback
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
from zprl_core.ros.entities import Entities

try:
    from rclpy.experimental import EventsExecutor as Executor  # the fastest, where available
except ImportError:
    from rclpy.executors import SingleThreadedExecutor as Executor


ANSWER_S = 0.2  # after a shutdown transition the node still answers its caller for this long
INTERNAL_ERROR = 1  # exit code after an error of the program, not of its user


class ManagedNode(LifecycleNode):
    """Base class of the nodes. Subclasses define `configure`, `close` and `health`, and may define `step`."""

    def __init__(self, name: str):
        super().__init__(name)
        self.active = False
        self.finalized = False  # the lifecycle has ended, and the process should
        self.wall = Clock(clock_type=ClockType.STEADY_TIME)
        self.turn = threading.RLock()  # held by a transition, and by a worker thread while it uses what may be closed
        self._entities = Entities(self)
        self.declare_parameter(
            "autostart",
            True,
            ParameterDescriptor(description="configure and activate at start", read_only=True),
        )

    def configure(self) -> None:
        """Reads parameters and creates publishers and subscriptions, which are destroyed by themselves at cleanup.

        CheckpointError, ValueError and OSError mean bad input, and end the node with exit code 2.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Writes what must not be lost, and releases files, locks, devices and threads.

        Called at cleanup, after a `configure` that failed in the middle, and however the node ends; also twice.
        """

    def idle(self) -> None:
        """Reports that the node works no more, while it still has its publishers. Called after deactivation."""

    def health(self) -> tuple[str, dict[str, object]]:
        """Returns the current problem ("" if there is none) and the values to show."""
        return "", {}

    def wait_s(self) -> float:
        """Returns how long the loop may wait for messages [s]."""
        return 0.1

    def step(self) -> None:
        """Does the work that is due between messages."""

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        with self.turn:
            self._entities.watch()
            try:
                self.configure()
                self._diagnostics = topics.DIAGNOSTICS.publisher(self)
                self.create_timer(1.0, self._diagnose, clock=self.wall)
            except Exception as error:
                own = isinstance(error, (CheckpointError, ValueError, OSError))
                known = str(error) if own else explain(error)
                if not known:
                    return self._failed("configure")
                self.get_logger().fatal(known)
                self._release()
                return TransitionCallbackReturn.FAILURE
        return TransitionCallbackReturn.SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        try:
            self.activate()
        except Exception:
            return self._failed("activate")
        self.active = True
        return super().on_activate(state)

    def activate(self) -> None:
        """Prepares the first step: deadlines that passed while the node was inactive, for example."""

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        self.active = False
        with self.turn:
            try:
                self.idle()
            except Exception:
                return self._failed("deactivate")
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        with self.turn:
            self._release()
        return super().on_cleanup(state)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        was_active, self.active = self.active, False
        with self.turn:
            if was_active:
                self._try(self.idle)
            self._release()
        self.finalized = True
        return TransitionCallbackReturn.SUCCESS

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Releases everything: an error leaves an unconfigured node, which can be configured again."""
        self.active = False
        with self.turn:
            self._release()
        return TransitionCallbackReturn.SUCCESS

    def _failed(self, transition: str) -> TransitionCallbackReturn:
        """Logs the error being handled, which rclpy would swallow."""
        self.get_logger().fatal(f"{traceback.format_exc()}{transition} failed; the node is unconfigured now; {REPORT}")
        return TransitionCallbackReturn.ERROR

    def _release(self) -> None:
        self._try(self.close)
        self._entities.destroy()

    def _try(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception:
            self.get_logger().error(f"{call.__name__} failed:\n{traceback.format_exc()}")

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


def run(make: Callable[[], ManagedNode], make_executor: Callable[[], Any] = Executor) -> None:
    """Runs a node until SIGINT, SIGTERM or its shutdown transition, closes it and exits.

    The exit code is 0, or 2 if the parameters are invalid. A node whose callbacks take the times of a message needs
    rclpy's SingleThreadedExecutor: with EventsExecutor they end it (SystemError, rclpy 9.1.2).
    """

    def loop(node: ManagedNode, executor: Any, stop: threading.Event) -> None:
        while rclpy.ok() and not stop.is_set() and not node.finalized:
            executor.spin_once(timeout_sec=node.wait_s())
            node.step()

    _main(make, loop, make_executor)


class WorkingNode(ManagedNode):
    """A managed node that works in the main thread while another thread spins.

    It holds `turn` while it uses what `close` releases.
    """

    def work(self, stop: threading.Event) -> None:
        """Works until `stop` is set."""
        raise NotImplementedError


def run_threaded(make: Callable[[], WorkingNode]) -> None:
    """Runs a node as `run` does, with `work` in the main thread and messages handled in another."""

    def loop(node: WorkingNode, executor: Any, stop: threading.Event) -> None:
        def spin() -> None:
            while rclpy.ok() and not stop.is_set() and not node.finalized:
                executor.spin_once(timeout_sec=0.1)
            stop.set()

        spinner = threading.Thread(target=spin, name="spin", daemon=True)
        spinner.start()
        try:
            node.work(stop)
        finally:
            stop.set()
            spinner.join(timeout=5.0)

    _main(make, loop, Executor)


def _main(
    make: Callable[[], Any], loop: Callable[[Any, Any, threading.Event], None], make_executor: Callable[[], Any]
) -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Only set a flag: an exception raised inside a callback may get lost.
        # This also undoes that SIGINT is ignored, as in the background jobs of a script.
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
        executor = make_executor()
        executor.add_node(node)
        if node.get_parameter("autostart").value:
            code = _start(node)
        if not code:
            gc.collect()
            gc.freeze()  # a full collection in the middle of a control tick takes milliseconds
            loop(node, executor, stop)
            _answer(node, executor)
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


def _answer(node: ManagedNode, executor: Any) -> None:
    """Keeps a finalized node alive until its caller has received the response."""
    end = time.monotonic() + ANSWER_S
    while node.finalized and rclpy.ok() and time.monotonic() < end:
        executor.spin_once(timeout_sec=ANSWER_S / 4)


def _start(node: ManagedNode) -> int:
    """Configures and activates the node. Returns 0, or the exit code when that fails."""
    for trigger in (node.trigger_configure, node.trigger_activate):
        result = trigger()
        if result != TransitionCallbackReturn.SUCCESS:
            return USER_ERROR if result == TransitionCallbackReturn.FAILURE else INTERNAL_ERROR
    return 0
