"""The question before a press that makes the arm move."""

from collections.abc import Callable

from python_qt_binding.QtCore import Qt
from python_qt_binding.QtGui import QKeyEvent
from python_qt_binding.QtWidgets import QMessageBox, QWidget

from zprl_view.panel.buttons import Button


class Question(QMessageBox):
    """Asks whether to go on; the default is No. It is not modal, so that the emergency stop stays within reach.

    Escape in it is the emergency stop too.
    """

    def __init__(self, button: Button, on_yes: Callable[[], None], on_escape: Callable[[], None], parent: QWidget):
        super().__init__(parent)
        self.setIcon(QMessageBox.Icon.Warning)
        self.setWindowTitle(button.label)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(f"{button.label}: the arm may move. Is everybody out of its reach?")
        self.setInformativeText(button.help)
        self.setStandardButtons(QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No)
        self.setDefaultButton(QMessageBox.StandardButton.No)
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._on_yes, self._on_escape = on_yes, on_escape
        self.buttonClicked.connect(self._on_click)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._on_escape()
        else:
            super().keyPressEvent(event)

    def _on_click(self, clicked: object) -> None:
        if self.standardButton(clicked) == QMessageBox.StandardButton.Yes:
            self._on_yes()
