"""A panel beside a node that offers services: what it shows, and what a press does."""

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus

from listener import Listener
from zprl_core.arm_mode import ArmMode
from zprl_core.ros import services, topics
from zprl_msgs.msg import ArmStatus, EpisodeEvent, LearnerStatus, PolicyStatus
from zprl_view.panel.buttons import button_named
from zprl_view.panel.panel_state import PanelState
from zprl_view.ros import panel_link
from zprl_view.ros.panel_link import PanelLink

pytestmark = pytest.mark.ros

DOMAIN = 61 + os.getpid() % 9


class Graph(Listener):
    """A robot in a namespace and a learner, which answer."""

    def __init__(self) -> None:
        super().__init__(DOMAIN)
        self.asked: list[Any] = []
        self.policy = topics.POLICY_STATUS.under("robot_1").publisher(self.node)
        self.arm = topics.ARM_STATUS.under("robot_1").publisher(self.node)
        self.learner = topics.LEARNER_STATUS.publisher(self.node)
        self.events = topics.EPISODE_EVENT.publisher(self.node)
        self.diagnostics = topics.DIAGNOSTICS.publisher(self.node)
        for service in (services.EPISODE_LABEL, services.POLICY_FREEZE, services.POLICY_ROLL_BACK):
            self.node.create_service(service.type, f"/robot_1/{service.name}", self._answer)
        self.node.create_service(services.LEARNER_PAUSE.type, "/learner/pause", self._answer)

    def _answer(self, request: Any, response: Any) -> Any:
        self.asked.append(request)
        response.success, response.message = True, "done"
        return response

    def report(self) -> None:
        self.policy.publish(PolicyStatus(robot="robot_1", mode=PolicyStatus.FINETUNE, weights_number=4))
        self.arm.publish(ArmStatus(mode=ArmStatus.HOLD, reason="late", guards=["lead"], counts=[3]))
        self.learner.publish(LearnerStatus(run="x", updates=70))
        self.events.publish(EpisodeEvent(robot="robot_1", episode=2, kind=EpisodeEvent.STARTED))
        self.events.publish(EpisodeEvent(robot="robot_2", episode=9, kind=EpisodeEvent.STARTED))
        status = DiagnosticStatus(name="/robot_1/policy", level=DiagnosticStatus.WARN, message="late")
        self.diagnostics.publish(DiagnosticArray(status=[status]))


@pytest.fixture
def graph() -> Iterator[Graph]:
    graph = Graph()
    yield graph
    graph.close()


@pytest.fixture
def link(graph: Graph) -> Iterator[PanelLink]:
    with PanelLink(DOMAIN, "robot_1", robot="robot_1") as link:
        yield link


def until(graph: Graph, link: PanelLink, condition: Callable[[PanelState], Any]) -> PanelState:
    """The first state for which this holds."""

    def holds() -> Any:
        graph.report()
        return condition(link.state())

    graph.until(holds)
    return link.state()


def test_the_state_is_that_of_the_robot(graph: Graph, link: PanelLink) -> None:
    state = until(graph, link, lambda s: s.arms and s.learner and s.running and s.diagnostics and s.policy.mode)
    assert (state.policy.mode, state.policy.weights) == ("finetune", 4)
    assert (state.arms[0].mode, state.arms[0].reason, state.arms[0].guards) == (ArmMode.HOLD, "late", (("lead", 3),))
    assert state.learner is not None and state.learner.updates == 70
    assert [row.number for row in state.episodes] == [2]  # not that of robot_2
    assert (state.diagnostics[0].node, state.diagnostics[0].level) == ("/robot_1/policy", 1)


def test_a_press_reaches_its_service_with_its_argument(graph: Graph, link: PanelLink) -> None:
    wanted = {"episode/label", "policy/freeze", "policy/roll_back", "learner/pause"}
    until(graph, link, lambda s: wanted <= s.services)
    for name, number in (("failure", 0), ("freeze", 0), ("roll_back", 12), ("pause", 0)):
        answer = link.press(button_named(name), number)
        graph.until(answer.done)
        assert (answer.result().success, answer.result().message) == (True, "done")
    label, freeze, roll_back, _ = graph.asked
    assert (label.label, freeze.data, roll_back.number) == (2, True, 12)


def test_a_service_that_is_not_there_is_answered(graph: Graph, link: PanelLink) -> None:
    answer = link.press(button_named("enable")).result(timeout=60)
    assert (answer.success, answer.message) == (False, "no node offers arm/enable")


def test_a_service_that_never_answers_is_given_up(
    graph: Graph, link: PanelLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panel_link, "ANSWER_S", 0.3)
    until(graph, link, lambda s: "policy/freeze" in s.services)
    answer = link.press(button_named("freeze"))  # the graph does not spin
    while not answer.done():
        time.sleep(0.01)
    assert not answer.result().success and "did not answer" in answer.result().message
