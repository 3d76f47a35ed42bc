"""The arm node: receives commands, sends guarded targets to an arm driver and publishes its state.

It offers at least the interface of the simulated robot. Subclasses, such as `franka_arm_node`, supply the driver.
"""

import time

from std_msgs.msg import String

from zprl_control.driver import Driver
from zprl_control.report import Report
from zprl_control.ros.move_to_start import Motion
from zprl_control.ros.publishers import CONNECTING, Publishers
from zprl_control.ros.services import Services, refusal
from zprl_control.ros.subscriptions import Subscriptions
from zprl_control.safety.interlocks import Interlocks
from zprl_control.safety.joint_motion import ToolAt
from zprl_control.session import ArmSession
from zprl_control.settings import ArmSettings
from zprl_core.arm_mode import ArmMode
from zprl_core.arm_model import FR3, ArmModel
from zprl_core.deadline_timer import DeadlineTimer
from zprl_core.host.scheduling import go_first
from zprl_core.ros import parameters, topics
from zprl_core.ros.managed_node import ManagedNode

SLEEP_S = 0.002  # the rest of the wait before a deadline is slept, not spun


class ArmNode(ManagedNode):
    """Callbacks store commands in the session; one tick reads the state, checks and sends the target."""

    model: ArmModel = FR3  # `driver` may replace it
    publishes_tool = True  # publish the tool's frame on /tf; False if the robot description contains it
    description = ""  # the URDF that the node publishes; "" if another node does

    def __init__(self, name: str = "arm") -> None:
        super().__init__(name)
        parameters.declare(self, ArmSettings())
        self.session: ArmSession | None = None

    def driver(self) -> Driver:
        """Returns the driver of this node's arm. Raises ValueError when it does not fit `settings`."""
        raise NotImplementedError

    def tool_at(self) -> ToolAt | None:
        """Returns the arm's forward kinematics, once the driver exists; None if they are unknown."""
        return None

    def configure(self) -> None:
        s = self.settings = parameters.read(self, ArmSettings, ArmSettings())
        period = 1.0 / s.control_rate
        interlocks = Interlocks(s.limits, s.cameras, s.dead_man)
        session = self.session = ArmSession(
            self._fitting_driver(), s.limits, period, s.command_gain, interlocks=interlocks, tool_at=self.tool_at()
        )
        self.deadlines = DeadlineTimer(period, time.monotonic() + period)
        self._report = Report(ArmMode.DISCONNECTED, "")
        self._outputs = Publishers(self, self.model, self.publishes_tool)
        if self.description:
            topics.ROBOT_DESCRIPTION.publisher(self).publish(String(data=self.description))
        Subscriptions(self, session, interlocks, s.robot, self.model)
        self._offers = Services(self, session, s.scene_resets)
        self._motion = Motion(self, session)
        self._scheduling = go_first()

    def _fitting_driver(self) -> Driver:
        driver = self.driver()
        if self.settings.limits.width > self.model.max_width + 1e-6:
            driver.close()
            raise ValueError(
                f"limits.width is {self.settings.limits.width:g} m, the gripper of {self.model.name} opens to "
                f"{self.model.max_width:g} m; lower limits.width"
            )
        return driver

    def activate(self) -> None:
        self.deadlines.next_s = time.monotonic() + self.deadlines.period_s

    def idle(self) -> None:
        """Stops the arm, which is no longer monitored."""
        if self.session is not None:
            refusal(self.session.stop)
            self._motion.watch(Report(self.session.mode, self.session.reason))

    def close(self) -> None:
        if self.session is not None:
            self.session.close()
            self.session = None

    def wait_s(self) -> float:
        if self.session is None or not self.active:
            return 0.1
        return max(0.0, self.deadlines.remaining(time.monotonic()) - SLEEP_S)

    def step(self) -> None:
        """Runs a control step at its deadline."""
        if self.session is None or not self.active:
            return
        left = self.deadlines.remaining(time.monotonic())
        if left > SLEEP_S:
            return
        time.sleep(left)
        now = time.monotonic()
        self.deadlines.tick(now)
        before = self._report
        report = self._report = self.session.tick(now)
        if self.settings.enable_at_start and report.mode == ArmMode.IDLE and before.mode == ArmMode.DISCONNECTED:
            refusal(self.session.enable)
        self._log(before, report)
        self._motion.watch(report)
        self.publish(time.time_ns(), report)

    def _log(self, before: Report, report: Report) -> None:
        """Logs a new mode or reason: every fault, the others at most once a second; and what a gripper waits for."""
        was, trouble = (r.state.gripper.reason if r.state else "" for r in (before, report))
        if trouble and trouble != was and trouble != report.reason:
            self.get_logger().warning(trouble)
        if not report.reason or (report.mode, report.reason) == (before.mode, before.reason):
            return
        what = f"{report.mode.name}: {report.reason}"
        if report.mode == ArmMode.FAULT:
            self.get_logger().error(what)
        else:
            self.get_logger().warning(what, throttle_duration_sec=1.0)

    def publish(self, stamp_ns: int, report: Report) -> None:
        """Publishes the state after a control step."""
        assert self.session is not None
        self._outputs.publish(stamp_ns, report, self.session, self.deadlines)

    def health(self) -> tuple[str, dict[str, object]]:
        session = self.session
        if session is None:
            return "not configured", {}
        moving = self._report.mode in (ArmMode.STREAM, ArmMode.HOLD, ArmMode.RESET, ArmMode.IDLE)
        gripper = self._report.state.gripper if self._report.state else CONNECTING
        return (gripper.reason or self._offers.waits) if moving else self._report.reason, {
            "mode": self._report.mode.name,
            "reason": self._report.reason,
            "gripper": ": ".join(filter(None, (gripper.mode.name.lower().replace("_", " "), gripper.reason))),
            "commands by": session.arbiter.holder(time.monotonic()) or "none",
            "late ticks": self.deadlines.late,
            "lost ticks": self.deadlines.lost,
            "lateness p99 [ms]": f"{self.deadlines.lateness_ms(99):.2f}",
            "scheduling": self._scheduling,
            **session.counts,
        }
