"""The plugin as rqt makes it, beside a node that offers services of a robot in a namespace."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")
pytest.importorskip("qt_app", reason="PyQt5 or a library of it is missing", exc_type=ImportError)

from PyQt5.QtCore import QObject
from PyQt5.QtWidgets import QMessageBox

from listener import Listener
from qt_app import settle
from rqt_zprl.robot_choice import RobotChoice
from rqt_zprl.ros.plugin import ZprlPanel
from zprl_core.ros import services, topics
from zprl_msgs.msg import ArmStatus, LearnerStatus, PolicyStatus
from zprl_view.panel.buttons import button_named

pytestmark = pytest.mark.ros

DOMAIN = 70 + os.getpid() % 9


class Graph(Listener):
    """A robot in a namespace, whose node answers; it is rqt's node too."""

    def __init__(self) -> None:
        super().__init__(DOMAIN)
        self.asked: list[str] = []
        self.policy = topics.POLICY_STATUS.under("robot_1").publisher(self.node)
        self.arm = topics.ARM_STATUS.under("robot_1").publisher(self.node)
        self.learner = topics.LEARNER_STATUS.publisher(self.node)
        for service in (services.ARM_ENABLE, services.ARM_ESTOP, services.LEARNER_PAUSE):
            space = "" if service is services.LEARNER_PAUSE else "/robot_1"
            self.node.create_service(service.type, f"{space}/{service.name}", self._answer_of(service.name))

    def _answer_of(self, name: str) -> Any:
        def answer(request: Any, response: Any) -> Any:
            self.asked.append(name)
            response.success, response.message = name != "learner/pause", f"of {name}"
            return response

        return answer

    def report(self) -> None:
        self.policy.publish(PolicyStatus(robot="robot_1", mode=PolicyStatus.EVALUATE, weights_number=4))
        self.arm.publish(ArmStatus(mode=ArmStatus.IDLE))
        self.learner.publish(LearnerStatus(run="x", updates=70))


class RqtContext(QObject):
    """The part of rqt's plugin context that the plugin uses."""

    def __init__(self, graph: Graph, *arguments: str) -> None:
        super().__init__()
        self.node, self._arguments = graph.node, list(arguments)
        self.widgets: list[Any] = []
        self.add_widget = self.widgets.append

    def argv(self) -> list[str]:
        return self._arguments


class Settings(dict[str, str]):
    """The part of rqt's settings that the plugin uses."""

    set_value = dict.__setitem__
    value = dict.get


@pytest.fixture
def graph() -> Iterator[Graph]:
    graph = Graph()
    yield graph
    graph.close()


def until(graph: Graph, plugin: ZprlPanel, holds: Any) -> None:
    """Run the graph and Qt until this holds."""

    def look() -> Any:
        graph.report()
        settle()
        return holds()

    graph.until(look)


def text(plugin: ZprlPanel, name: str) -> str:
    return str(plugin.widget.figure_grid.row(name)[0].text())


def test_it_shows_the_robot_and_presses_its_services(graph: Graph) -> None:
    plugin = ZprlPanel(RqtContext(graph, "--namespace", "robot_1"))
    widget = plugin.widget
    try:
        until(graph, plugin, lambda: text(plugin, "policy") == "evaluate" and text(plugin, "arm") == "IDLE")
        until(graph, plugin, lambda: widget.buttons["enable"].push.isEnabled())
        assert not widget.buttons["hold"].push.isEnabled()  # no node offers it
        widget.buttons["enable"].push.click()
        assert widget.question is not None
        widget.question.button(QMessageBox.Yes).click()
        until(graph, plugin, lambda: "Enable: done: of arm/enable" in widget.answers.toPlainText())
        widget.buttons["estop"].push.click()
        until(graph, plugin, lambda: "done: of arm/estop" in widget.answers.toPlainText())
        until(graph, plugin, lambda: widget.buttons["pause"].push.isEnabled())
        widget.press(button_named("pause"))
        until(graph, plugin, lambda: "Pause learner: refused: of learner/pause" in widget.answers.toPlainText())
        assert graph.asked == ["arm/enable", "arm/estop", "learner/pause"]
    finally:
        plugin.shutdown_plugin()


def test_the_robot_is_saved_and_restored(graph: Graph) -> None:
    saved = Settings(namespace="robot_1", arms="left right")
    context = RqtContext(graph)
    plugin = ZprlPanel(context)
    try:
        assert context.widgets == [plugin.widget] and plugin.choice == RobotChoice()
        plugin.restore_settings(Settings(), saved)
        assert plugin.choice == RobotChoice("robot_1", ("left", "right"))
        assert plugin.widget.windowTitle() == "zprl: robot_1"
        again = Settings()
        plugin.save_settings(Settings(), again)
        assert again == saved
        until(graph, plugin, lambda: text(plugin, "policy") == "evaluate")  # it hears the restored robot
    finally:
        plugin.shutdown_plugin()


def test_saved_settings_do_not_overrule_the_command_line(graph: Graph) -> None:
    plugin = ZprlPanel(RqtContext(graph, "--namespace", "robot_2"))
    try:
        plugin.restore_settings(Settings(), Settings(namespace="robot_1"))
        assert plugin.choice == RobotChoice("robot_2")
    finally:
        plugin.shutdown_plugin()


def test_a_damaged_setting_is_said_and_not_used(graph: Graph) -> None:
    plugin = ZprlPanel(RqtContext(graph))
    try:
        plugin.restore_settings(Settings(), Settings(namespace="robot 1"))
        assert plugin.choice == RobotChoice()
        assert "the saved robot is not used: 'robot 1' is no namespace" in plugin.widget.answers.toPlainText()
    finally:
        plugin.shutdown_plugin()
