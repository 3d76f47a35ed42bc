"""The rqt plugin: a panel, and its link to the graph in rqt's ROS domain."""

from argparse import ArgumentParser
from typing import Any

from rqt_gui_py.plugin import Plugin

from rqt_zprl.qt.connection import Connection
from rqt_zprl.qt.panel_widget import PanelWidget
from rqt_zprl.qt.robot_dialog import RobotDialog
from rqt_zprl.robot_choice import RobotChoice, add_arguments, choice_from_arguments
from zprl_view.ros.panel_link import PanelLink


class ZprlPanel(Plugin):
    """State and buttons for the operator of one robot. The link has a node and a thread of its own."""

    def __init__(self, context: Any) -> None:
        """`context`: of rqt, with its ROS node."""
        super().__init__(context)
        self.setObjectName("ZprlPanel")
        self._domain: int = context.node.context.get_domain_id()
        self._given = choice_from_arguments(context.argv(), context.node.get_namespace())
        self.widget = PanelWidget()
        self._open(self._given or RobotChoice())
        context.add_widget(self.widget)

    @staticmethod
    def add_arguments(parser: ArgumentParser) -> None:
        """Add the plugin's options, as rqt asks for them."""
        add_arguments(parser)

    def shutdown_plugin(self) -> None:
        self._close()

    def save_settings(self, plugin_settings: Any, instance_settings: Any) -> None:
        instance_settings.set_value("namespace", self.choice.namespace)
        instance_settings.set_value("arms", " ".join(self.choice.arms))

    def restore_settings(self, plugin_settings: Any, instance_settings: Any) -> None:
        """Show the saved robot, unless the command line has chosen one."""
        if self._given is None:
            saved = [instance_settings.value(name, "") for name in ("namespace", "arms")]
            try:
                self._change(RobotChoice.of_text(*(str(text or "") for text in saved)))
            except ValueError as error:
                self.widget.show_answer(f"the saved robot is not used: {error}")

    def trigger_configuration(self) -> None:
        """Let the operator choose the robot; rqt shows a gear for this."""
        dialog = RobotDialog(self.choice, self.widget)
        if dialog.exec_():
            self._change(dialog.choice)

    def _change(self, choice: RobotChoice) -> None:
        if choice != self.choice:
            self._close()
            self._open(choice)

    def _open(self, choice: RobotChoice) -> None:
        self.choice = choice
        self._link = PanelLink(self._domain, choice.namespace, choice.arm_namespaces, choice.robot).__enter__()
        self._connection = Connection(self.widget, self._link)
        self.widget.show_robot(choice.robot)

    def _close(self) -> None:
        self._connection.close()
        self._link.__exit__(None, None, None)
