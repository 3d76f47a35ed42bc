"""What a person asks for by key or button, as calls that nobody waits for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rclpy.node import Node
from std_srvs.srv import Trigger

from zprl_msgs.srv import LabelEpisode, Reset
from zprl_teleop.teleop_command import Event

ANSWER_S = 5.0  # within which a service must answer
REMEDY = {
    Event.RESET: "start the episode node",
    Event.SUCCESS: "start the episode node",
    Event.FAILURE: "start the episode node",
    Event.DISCARD: "start the episode node",
    Event.CONFIRM: "start the operator node",
}


@dataclass(frozen=True)
class _Call:
    event: Event
    client: Any
    answer: Any  # a future
    asked_s: float


class ServiceCalls:
    """Asks the arm, the episode and the operator node. Times are seconds of one monotonic clock."""

    def __init__(self, node: Node, log: Callable[[str], None]):
        self._log = log
        label = node.create_client(LabelEpisode, "episode/label")
        self._services: dict[Event, tuple[Any, Any]] = {
            Event.ARM: (node.create_client(Trigger, "arm/enable"), Trigger.Request()),
            Event.HOLD: (node.create_client(Trigger, "arm/hold"), Trigger.Request()),
            Event.STOP: (node.create_client(Trigger, "arm/stop"), Trigger.Request()),
            Event.RECOVER: (node.create_client(Trigger, "arm/recover"), Trigger.Request()),
            Event.ESTOP: (node.create_client(Trigger, "arm/estop"), Trigger.Request()),
            Event.RELEASE: (node.create_client(Trigger, "arm/release"), Trigger.Request()),
            Event.RESET: (node.create_client(Reset, "episode/reset"), Reset.Request(seed=-1)),
            Event.SUCCESS: (label, LabelEpisode.Request(label=LabelEpisode.Request.SUCCESS)),
            Event.FAILURE: (label, LabelEpisode.Request(label=LabelEpisode.Request.FAILURE)),
            Event.DISCARD: (label, LabelEpisode.Request(label=LabelEpisode.Request.DISCARD)),
            Event.CONFIRM: (node.create_client(Trigger, "operator/confirm"), Trigger.Request()),
        }
        self._pending: list[_Call] = []

    def call(self, event: Event, now_s: float) -> None:
        """Begin a call; `poll` tells its answer."""
        client, request = self._services[event]
        if not client.service_is_ready():
            remedy = REMEDY.get(event, "start the arm node")
            self._log(f"{event.value}: nobody offers {client.srv_name.lstrip('/')}; {remedy}")
            return
        self._pending.append(_Call(event, client, client.call_async(request), now_s))

    def poll(self, now_s: float) -> None:
        """Tell every answer that has come, and every one that has not in time."""
        for call in list(self._pending):
            if call.answer.done():
                self._pending.remove(call)
                self._log(f"{call.event.value}: {_outcome(call.answer.result())}")
            elif now_s - call.asked_s > ANSWER_S:
                self._pending.remove(call)
                call.client.remove_pending_request(call.answer)
                self._log(f"{call.event.value}: no answer in {ANSWER_S:g} s; is its node alive?")


def _outcome(answer: Any) -> str:
    if answer is None:
        return "no answer"
    return answer.message or ("done" if answer.success else "refused")
