"""The services of the arm node: enable, hold, stop, home the gripper, recover, emergency stop, reset."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from std_srvs.srv import Trigger

from zprl_control.driver import ArmLost
from zprl_control.reset import ResetStep, Resetting
from zprl_control.safety.checks import Refused
from zprl_control.session import ArmSession
from zprl_core.arm_mode import IllegalTransition
from zprl_core.ros import services
from zprl_core.ros.conversions import time_from
from zprl_core.ros.managed_node import ManagedNode
from zprl_core.waiting import Waiting
from zprl_msgs.srv import Reset

SCENE_S = 5.0  # the scene must answer within this time, and its answer expires after it
ASKED_S = 2.0  # a reset that is not requested again within this time was abandoned
ASLEEP = "the arm node is not active and does not monitor the arm; activate the node first"


class Services:
    """The services of one arm. `scene_resets`: call scene/reset after the arm's own reset."""

    def __init__(self, node: ManagedNode, session: ArmSession, scene_resets: bool):
        self.node, self.session = node, session
        self.resetting = Resetting(session, scene_resets)
        self._call: Any = None  # pending call of scene/reset
        self._called_s = 0.0
        self._waiting, self._asked_s = Waiting(), 0.0
        services.ARM_ENABLE.serve(node, partial(self._on_watched, session.enable))
        services.ARM_ARM.serve(node, partial(self._on_watched, session.enable))
        services.ARM_HOLD.serve(node, partial(self._on_trigger, session.hold))
        services.ARM_STOP.serve(node, partial(self._on_trigger, session.stop))
        services.ARM_RECOVER.serve(node, partial(self._on_watched, session.recover))
        services.ARM_HOME_GRIPPER.serve(node, partial(self._on_watched, session.home_gripper))
        services.ARM_ESTOP.serve(node, partial(self._on_trigger, session.estop))
        services.ARM_RELEASE.serve(node, partial(self._on_trigger, session.release))
        services.RESET.serve(node, self._on_reset)
        self._scene = services.SCENE_RESET.client(node)

    def _on_trigger(
        self, call: Callable[[], None], request: Trigger.Request, response: Trigger.Response
    ) -> Trigger.Response:
        response.message = refusal(call)
        response.success = not response.message
        return response

    def _on_watched(
        self, call: Callable[[], None], request: Trigger.Request, response: Trigger.Response
    ) -> Trigger.Response:
        if not self.node.active:
            response.message = ASLEEP
            return response
        return self._on_trigger(call, request, response)

    def _on_reset(self, request: Reset.Request, response: Reset.Response) -> Reset.Response:
        """Answers at once that the reset is pending, done or impossible."""
        if not self.node.active:
            response.message = ASLEEP
            return response
        step = self.resetting.advance(self._scene_is_ready())
        if step == ResetStep.SCENE and self._call is None and self._scene.service_is_ready():
            self._call = self._scene.call_async(Reset.Request(seed=request.seed))
            self._called_s = time.monotonic()
        if step != ResetStep.SCENE:
            self._call = None  # an answer is valid only for the reset that requested it
        response.success, response.pending = step == ResetStep.DONE, step.pending
        response.message = self.resetting.message
        self._log_wait(step)
        if response.success:
            response.stamp = time_from(time.time_ns())
        return response

    def _log_wait(self, step: ResetStep) -> None:
        """Log that a reset waits for the scene: its caller only sees that it is pending."""
        self._asked_s = time.monotonic()
        what = services.SCENE_RESET.name if step == ResetStep.SCENE else ""
        offered = self._scene.service_is_ready()
        look_at = "confirm that the scene is ready (operator/confirm), or see the log of the node that offers it"
        missing = "no node offers it: start the operator node or the simulation, or set scene_resets to false"
        if words := self._waiting.message(what, look_at if offered else missing, self._asked_s):
            self.node.get_logger().warning(words)

    @property
    def waits(self) -> str:
        """Returns what a reset waits for; "" if none waits for long."""
        now_s = time.monotonic()
        asked = now_s - self._asked_s < ASKED_S
        return "a reset waits for scene/reset" if asked and self._waiting.long(now_s) else ""

    def _scene_is_ready(self) -> bool:
        """Returns True once the scene has been reset. A call that fails or times out is repeated."""
        call = self._call
        if call is None:
            return False
        late = time.monotonic() - self._called_s > SCENE_S
        if call.done():
            answer = call.result()
            if answer is not None and answer.success and not late:
                return True
            self._call = None
        elif late:
            self._scene.remove_pending_request(call)
            self._call = None
        return False


def refusal(call: Callable[[], None]) -> str:
    """Runs `call` and returns why it was refused, and what to do first; "" on success."""
    try:
        call()
    except (IllegalTransition, Refused, ArmLost) as error:
        return str(error)
    return ""
