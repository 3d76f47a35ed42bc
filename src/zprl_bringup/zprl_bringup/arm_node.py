"""The arm node: commands in, guarded targets to the arm, its state out: the simulated robot's interface, and more."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from geometry_msgs.msg import PoseStamped, TwistStamped
from std_srvs.srv import Trigger

from zprl.arm import ArmLost
from zprl.deadlines import Deadlines
from zprl.ros import parameters, qos
from zprl.ros.conversions import time_of
from zprl.ros.managed_node import ManagedNode, run
from zprl.safety.guards import Refused
from zprl.safety.lease import Rank
from zprl.safety.modes import ArmMode, Illegal
from zprl.safety.target import Target
from zprl.scheduling import go_first
from zprl_bringup.arm_franky import FrankyArm
from zprl_bringup.arm_outputs_node import Outputs, target_of
from zprl_bringup.arm_reset import ResetStep, Resetting
from zprl_bringup.arm_session import ArmSession, Report
from zprl_bringup.arm_settings import ArmSettings
from zprl_msgs.msg import ArmCommand, EpisodeEvent
from zprl_msgs.srv import Reset

SLEEP_S = 0.002  # the last bit before a deadline is slept
SCENE_S = 5.0  # within which the scene must answer


class ArmNode(ManagedNode):
    """Callbacks leave word with the session; one tick looks, judges and tells."""

    def __init__(self) -> None:
        super().__init__("arm")
        parameters.declare(self, ArmSettings())
        self.session: ArmSession | None = None

    def configure(self) -> None:
        s = self.settings = parameters.read(self, ArmSettings, ArmSettings())
        period = 1.0 / s.control_rate
        self.session = ArmSession(FrankyArm(s.franky), s.limits, period)
        self.resetting = Resetting(self.session, s.scene)
        self.deadlines = Deadlines(period, time.monotonic() + period)
        self._report = Report(ArmMode.DISCONNECTED, "")
        self._outputs = Outputs(self)
        self._scene_call: Any = None
        self._scene_called_s = 0.0
        self.create_subscription(ArmCommand, "arm/command", self._on_command, qos.STATE)
        self.create_subscription(PoseStamped, "arm/target_pose", self._on_pose, qos.STATE)
        self.create_subscription(TwistStamped, "arm/target_twist", self._on_twist, qos.STATE)
        self.create_subscription(EpisodeEvent, "episode/event", self._on_event, qos.EVENTS)
        session = self.session
        self.create_service(Trigger, "arm/arm", partial(self._on_trigger, session.arm))
        self.create_service(Trigger, "arm/hold", partial(self._on_trigger, session.hold))
        self.create_service(Trigger, "arm/stop", partial(self._on_trigger, session.stop))
        self.create_service(Trigger, "arm/recover", partial(self._on_trigger, session.recover))
        self.create_service(Trigger, "arm/estop", partial(self._on_trigger, session.estop))
        self.create_service(Trigger, "arm/release", partial(self._on_trigger, session.release))
        self.create_service(Reset, "reset", self._on_reset)
        self._scene = self.create_client(Reset, "scene/reset")
        self._scheduling = go_first()

    def close(self) -> None:
        if self.session is not None:
            self.session.close()

    def wait_s(self) -> float:
        if self.session is None or not self.active:
            return 0.1
        return max(0.0, self.deadlines.remaining(time.monotonic()) - SLEEP_S)

    def step(self) -> None:
        """The tick, at its deadline."""
        if self.session is None or not self.active:
            return
        left = self.deadlines.remaining(time.monotonic())
        if left > SLEEP_S:
            return
        time.sleep(left)
        now = time.monotonic()
        self.deadlines.tick(now)
        before = self._report
        self._report = self.session.tick(now)
        if self.settings.arm_at_start and self._report.mode == ArmMode.IDLE and before.mode == ArmMode.DISCONNECTED:
            self._try(self.session.arm)
        if (self._report.mode, self._report.reason) != (before.mode, before.reason) and self._report.reason:
            self.get_logger().warning(f"{self._report.mode.name}: {self._report.reason}", throttle_duration_sec=1.0)
        self._outputs.publish(time.time_ns(), self._report, self.session, self.deadlines)

    def _on_command(self, m: ArmCommand) -> None:
        rank = Rank.PERSON if m.source.startswith("teleop") else Rank.POLICY
        self._command(partial(target_of, m.target, m.gripper_width), m.source or "somebody", rank)

    def _on_pose(self, m: PoseStamped) -> None:
        self._command(lambda: target_of(m.pose, self._width()), "target_pose", Rank.TOOL)

    def _on_twist(self, m: TwistStamped) -> None:
        self._command(lambda: self._moved(m), "target_twist", Rank.TOOL)

    def _command(self, make: Callable[[], Target], source: str, rank: Rank) -> None:
        if self.session is None or not self.active:
            return
        try:
            why = self.session.command(make(), source, rank, time.monotonic())
        except ValueError as error:
            why = str(error)
        if why:
            self.get_logger().warning(why, throttle_duration_sec=5.0)

    def _moved(self, m: TwistStamped) -> Target:
        """Where a twist leads within a control step, from where the arm was told to be."""
        told = self._report.told
        if told is None:
            raise ValueError("a twist came before the arm was armed; arm it first")
        linear, angular = m.twist.linear, m.twist.angular
        speeds = (linear.x, linear.y, linear.z, angular.x, angular.y, angular.z)
        period = self.deadlines.period_s
        x, y, z, roll, pitch, yaw = (p + v * period for p, v in zip(told.target.pose, speeds, strict=True))
        return Target((x, y, z, roll, pitch, yaw), told.target.width)

    def _width(self) -> float:
        return self._report.told.target.width if self._report.told else self.settings.limits.width

    def _on_event(self, m: EpisodeEvent) -> None:
        """Between episodes silence is no fault."""
        ended = m.robot == self.settings.robot and m.kind != EpisodeEvent.STARTED
        if ended and self.session is not None and self.session.mode == ArmMode.STREAM:
            self._try(self.session.hold)

    def _on_trigger(
        self, call: Callable[[], None], request: Trigger.Request, response: Trigger.Response
    ) -> Trigger.Response:
        response.message = self._try(call)
        response.success = not response.message
        return response

    def _on_reset(self, request: Reset.Request, response: Reset.Response) -> Reset.Response:
        """Answers at once: it has begun, it is over, or it cannot be."""
        step = self.resetting.ask(self._scene_is_ready())
        if step == ResetStep.SCENE and self._scene_call is None and self._scene.service_is_ready():
            self._scene_call = self._scene.call_async(Reset.Request(seed=request.seed))
            self._scene_called_s = time.monotonic()
        if step != ResetStep.SCENE:
            self._scene_call = None  # an answer counts for the reset that asked
        response.success, response.pending = step == ResetStep.DONE, step.pending
        response.message = self.resetting.message
        if response.success:
            response.stamp = time_of(time.time_ns())
        return response

    def _scene_is_ready(self) -> bool:
        """Whether the scene has said so. A call that failed, or was never answered, is made again."""
        call = self._scene_call
        if call is None:
            return False
        if call.done():
            answer = call.result()
            if answer is not None and answer.success:
                return True
            self._scene_call = None
        elif time.monotonic() - self._scene_called_s > SCENE_S:
            self._scene.remove_pending_request(call)
            self._scene_call = None
        return False

    def _try(self, call: Callable[[], None]) -> str:
        try:
            call()
        except (Illegal, Refused, ArmLost) as error:
            return str(error)
        return ""

    def health(self) -> tuple[str, dict[str, object]]:
        session = self.session
        if session is None:
            return "not configured", {}
        moving = self._report.mode in (ArmMode.STREAM, ArmMode.HOLD, ArmMode.RESET, ArmMode.IDLE)
        gripper = self._report.state.gripper_trouble if self._report.state else ""
        return gripper if moving else self._report.reason, {
            "mode": self._report.mode.name,
            "reason": self._report.reason,
            "gripper": gripper or "follows",
            "commands by": session.lease.holder(time.monotonic()) or "nobody",
            "late ticks": self.deadlines.late,
            "lost ticks": self.deadlines.lost,
            "lateness p99 [ms]": f"{self.deadlines.lateness_ms(99):.2f}",
            "scheduling": self._scheduling,
            **session.counts,
        }


def main() -> None:
    """Entry point."""
    run(ArmNode)


if __name__ == "__main__":
    main()
