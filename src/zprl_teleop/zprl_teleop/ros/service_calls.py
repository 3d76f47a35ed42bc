"""Calls the services behind keys and buttons without blocking."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rclpy.node import Node
from std_srvs.srv import Trigger

from zprl_msgs.srv import LabelEpisode, Reset
from zprl_teleop.teleop_command import Event

ANSWER_S = 5.0  # deadline for a response
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
    """Calls arm, episode and operator node. Times are seconds of one monotonic clock."""

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
        """Start a call; `poll` logs its response."""
        client, request = self._services[event]
        if not client.service_is_ready():
            remedy = REMEDY.get(event, "start the arm node")
            self._log(f"{event.value}: {client.srv_name.lstrip('/')} is not available; {remedy}")
            return
        self._pending.append(_Call(event, client, client.call_async(request), now_s))

    def poll(self, now_s: float) -> None:
        """Log the responses that have arrived, and the calls that timed out."""
        for call in list(self._pending):
            if call.answer.done():
                self._pending.remove(call)
                self._log(f"{call.event.value}: {_outcome(call.answer.result())}")
            elif now_s - call.asked_s > ANSWER_S:
                self._pending.remove(call)
                call.client.remove_pending_request(call.answer)
                self._log(f"{call.event.value}: no response within {ANSWER_S:g} s; check its node")


def _outcome(answer: Any) -> str:
    if answer is None:
        return "no response"
    return answer.message or ("done" if answer.success else "refused")
