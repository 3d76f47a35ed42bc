"""The dialog that chooses the robot."""

import pytest

pytest.importorskip("qt_app", reason="PyQt5 or a library of it is missing", exc_type=ImportError)

from PyQt5.QtWidgets import QWidget

from qt_app import settle
from rqt_zprl.qt.robot_dialog import RobotDialog
from rqt_zprl.robot_choice import RobotChoice


def test_a_wrong_name_keeps_it_open_with_the_reason() -> None:
    parent = QWidget()
    dialog = RobotDialog(RobotChoice("robot_1", ("left",)), parent)
    assert (dialog.namespace.text(), dialog.arms.text()) == ("robot_1", "left")
    dialog.namespace.setText("robot 2")
    dialog.accept()
    assert dialog.result() == dialog.Rejected and "is no namespace" in dialog.trouble.text()
    dialog.namespace.setText("/robot_2")
    dialog.accept()
    assert dialog.result() == dialog.Accepted and dialog.choice == RobotChoice("robot_2", ("left",))
    parent.deleteLater()
    settle()
