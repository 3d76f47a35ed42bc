"""Episode and operator node from outside: a reset that the robot refused, as the person hears of it."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from lifecycle_msgs.msg import Transition  # noqa: E402
from lifecycle_msgs.srv import ChangeState  # noqa: E402
from std_msgs.msg import String  # noqa: E402
from std_srvs.srv import Trigger  # noqa: E402

from listener import Listener, start_node, stop_node  # noqa: E402
from zprl_core.ros import qos  # noqa: E402
from zprl_episodes.operator_prompt import TIDY  # noqa: E402
from zprl_msgs.msg import ArmStatus, EpisodeEvent, PolicyStatus  # noqa: E402
from zprl_msgs.srv import LabelEpisode, Reset  # noqa: E402

pytestmark = pytest.mark.ros

DOMAIN = 215 + os.getpid() % 15
EPISODE = "from zprl_episodes.ros.episode_node import main; main()"
OPERATOR = "from zprl_episodes.ros.operator_node import main; main()"
UNDER_WAY = Reset.Response(pending=True, message="the arm is moving to its start")


@dataclass
class EpisodeHarness:
    """Policy, arm and person."""

    client: Listener
    answer: Reset.Response = field(default_factory=lambda: UNDER_WAY)  # of the robot
    asked: int = 0  # how often it was

    def __post_init__(self) -> None:
        node = self.client.node
        self._policy = node.create_publisher(PolicyStatus, "policy/status", qos.STATUS)
        self._arm = node.create_publisher(ArmStatus, "arm/status", qos.STATE)
        self._reset = node.create_client(Reset, "episode/reset")
        node.create_service(Reset, "reset", self._on_reset)
        for topic in ("episode/refusal", "operator/prompt"):
            self.client.hear(String, topic, qos.LATCHED)
        self.client.hear(EpisodeEvent, "episode/event", 10)

    def _on_reset(self, request: Reset.Request, response: Reset.Response) -> Reset.Response:
        self.asked += 1
        return self.answer

    def until(self, condition: Callable[[], Any]) -> None:
        """Wait; policy and arm live meanwhile."""

        def look() -> Any:
            self._policy.publish(PolicyStatus())
            self._arm.publish(ArmStatus(mode=ArmStatus.HOLD))
            return condition()

        self.client.until(look)

    def newest(self, topic: str) -> str:
        return self.client.heard[topic][-1].data if self.client.heard[topic] else "nothing"

    def ask(self) -> Reset.Response:
        """The person asks for the next episode."""
        self.until(self._reset.service_is_ready)
        call = self._reset.call_async(Reset.Request(seed=-1))
        self.until(call.done)
        return call.result()


@pytest.fixture(scope="module")
def room() -> Iterator[EpisodeHarness]:
    client = Listener(DOMAIN)
    processes = [start_node(DOMAIN, ["-c", EPISODE], "automatic:=false"), start_node(DOMAIN, ["-c", OPERATOR])]
    try:
        made = EpisodeHarness(client)
        made.until(
            lambda: made.newest("episode/refusal") == "" and "request the next" in made.newest("operator/prompt")
        )
        yield made
    finally:
        codes = [stop_node(process) for process in processes]
        client.close()
    assert codes == [0, 0]


def test_a_refused_reset_is_shown_and_not_asked_for_again(room: EpisodeHarness) -> None:
    room.answer = UNDER_WAY
    room.until(lambda: room.ask().success)  # from when the policy was heard
    room.until(lambda: room.asked > 1)
    room.answer = Reset.Response(message="stopped by the operator")
    room.until(lambda: room.newest("episode/refusal") == "stopped by the operator")
    room.until(lambda: room.newest("operator/prompt").endswith("the reset failed: stopped by the operator"))
    before, room.answer = room.asked, UNDER_WAY
    room.client.spin(1.0)
    assert room.asked == before
    assert room.ask().success
    room.until(lambda: room.asked > before and room.newest("episode/refusal") == "")
    room.answer = Reset.Response(message="stopped by the operator")  # the same again is shown again
    room.until(lambda: room.newest("episode/refusal") == "stopped by the operator")


def test_what_was_confirmed_for_a_reset_that_failed_is_lost(room: EpisodeHarness) -> None:
    room.answer = UNDER_WAY
    assert room.ask().success
    scene = room.client.node.create_client(Reset, "scene/reset")
    confirm = room.client.node.create_client(Trigger, "operator/confirm")
    room.until(lambda: scene.service_is_ready() and confirm.service_is_ready())
    asked = scene.call_async(Reset.Request(seed=0))
    room.until(lambda: asked.done() and TIDY in [m.data for m in room.client.heard["operator/prompt"]])
    room.answer = Reset.Response(message="reflex")
    room.until(lambda: room.newest("operator/prompt").endswith("the reset failed: reflex"))
    said = confirm.call_async(Trigger.Request())
    room.until(said.done)
    assert not said.result().success and "no reset is waiting" in said.result().message


def test_the_episode_begins_when_the_robot_says_so(room: EpisodeHarness) -> None:
    room.answer = Reset.Response(success=True)
    assert room.ask().success
    room.until(lambda: room.client.heard["episode/event"])
    assert room.client.heard["episode/event"][-1].kind == EpisodeEvent.STARTED
    assert room.ask().message.startswith("an episode is running")


def test_a_node_that_is_not_active_keeps_no_request_for_later(room: EpisodeHarness) -> None:
    label = room.client.node.create_client(LabelEpisode, "episode/label")
    room.until(label.service_is_ready)
    labelled = label.call_async(LabelEpisode.Request(label=LabelEpisode.Request.DISCARD))
    room.until(labelled.done)
    change(room, Transition.TRANSITION_DEACTIVATE)
    before = room.asked
    assert "not active" in room.ask().message
    change(room, Transition.TRANSITION_ACTIVATE)
    room.client.spin(0.5)
    assert room.asked == before


def change(room: EpisodeHarness, transition: int) -> None:
    """Of the episode node's state."""
    client = room.client.node.create_client(ChangeState, "episode/change_state")
    room.until(client.service_is_ready)
    call = client.call_async(ChangeState.Request(transition=Transition(id=transition)))
    room.until(call.done)
    assert call.result().success
