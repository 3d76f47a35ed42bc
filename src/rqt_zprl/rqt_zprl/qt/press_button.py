"""One button of the panel, and the number that it may ask for."""

from python_qt_binding.QtCore import Qt
from python_qt_binding.QtWidgets import QHBoxLayout, QPushButton, QSpinBox, QWidget

from zprl_view.panel.buttons import Button
from zprl_view.panel.panel_state import PanelState

STOP = "background-color: #b00020; color: white; font-weight: bold; padding: 8px;"
KEYS = {"Escape": "Esc"}
MOST = 2**31 - 1  # of a QSpinBox
SPIN_PX = 70


class PressButton(QWidget):
    """Disabled with the reason as its tooltip while it cannot be pressed.

    The button takes no keyboard focus: otherwise Space would press again what was clicked last.
    """

    def __init__(self, button: Button) -> None:
        super().__init__()
        self.button = button
        key = f" [{KEYS.get(button.key, button.key)}]" if button.key else ""
        self.push = QPushButton(button.label + key)
        self.push.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        if button.stops:
            self.push.setStyleSheet(STOP)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.push, 1)
        self.spin: QSpinBox | None = None
        if button.asks_number:
            self.spin = QSpinBox()
            self.spin.setRange(0, MOST)
            self.spin.setMaximumWidth(SPIN_PX)
            self.spin.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
            row.addWidget(self.spin)

    @property
    def number(self) -> int:
        """The number that goes with a press; 0 for a button without one."""
        return 0 if self.spin is None else int(self.spin.value())

    def show_state(self, state: PanelState) -> None:
        """Enable or disable the button."""
        why_not = self.button.refusal(state)
        self.push.setEnabled(not why_not)
        self.push.setToolTip(f"not now: {why_not}" if why_not else self.button.help)
