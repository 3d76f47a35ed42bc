"""Calls the services behind keys and buttons without blocking."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rclpy.node import Node
from std_srvs.srv import Trigger

from zprl_core.ros import services
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
        label = services.EPISODE_LABEL.client(node)
        self._services: dict[Event, tuple[Any, Any]] = {
            Event.ARM: (services.ARM_ENABLE.client(node), Trigger.Request()),
            Event.HOLD: (services.ARM_HOLD.client(node), Trigger.Request()),
            Event.STOP: (services.ARM_STOP.client(node), Trigger.Request()),
            Event.RECOVER: (services.ARM_RECOVER.client(node), Trigger.Request()),
            Event.ESTOP: (services.ARM_ESTOP.client(node), Trigger.Request()),
            Event.RELEASE: (services.ARM_RELEASE.client(node), Trigger.Request()),
            Event.RESET: (services.EPISODE_RESET.client(node), Reset.Request(seed=-1)),
            Event.SUCCESS: (label, LabelEpisode.Request(label=LabelEpisode.Request.SUCCESS)),
            Event.FAILURE: (label, LabelEpisode.Request(label=LabelEpisode.Request.FAILURE)),
            Event.DISCARD: (label, LabelEpisode.Request(label=LabelEpisode.Request.DISCARD)),
            Event.CONFIRM: (services.OPERATOR_CONFIRM.client(node), Trigger.Request()),
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
