"""The dialog that chooses the robot of a panel."""

from python_qt_binding.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QWidget

from rqt_zprl.robot_choice import RobotChoice


class RobotDialog(QDialog):
    """Asks for a namespace and arms, until they are names."""

    def __init__(self, choice: RobotChoice, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Robot of the zprl panel")
        self.choice = choice
        self.namespace = QLineEdit(choice.namespace)
        self.arms = QLineEdit(" ".join(choice.arms))
        self.trouble = QLabel()
        form = QFormLayout(self)
        form.addRow("namespace (none: the only robot)", self.namespace)
        form.addRow("arms (none: it has one)", self.arms)
        form.addRow(self.trouble)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)

    def accept(self) -> None:
        """Take what was typed, or say what is wrong with it."""
        try:
            self.choice = RobotChoice.of_text(self.namespace.text(), self.arms.text())
        except ValueError as error:
            self.trouble.setText(str(error))
        else:
            super().accept()
