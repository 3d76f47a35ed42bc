"""The panel: state, buttons, answers. It shows a PanelState and says what was pressed."""

from datetime import datetime
from functools import partial

from python_qt_binding.QtCore import QEvent, Qt, Signal
from python_qt_binding.QtGui import QKeyEvent
from python_qt_binding.QtWidgets import (
    QApplication,
    QLabel,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from rqt_zprl.figures import figures
from rqt_zprl.qt.button_box import ButtonBox
from rqt_zprl.qt.figure_grid import FigureGrid
from rqt_zprl.qt.press_button import PressButton
from rqt_zprl.qt.question import Question
from zprl_view.panel.buttons import BUTTONS, Button, Group
from zprl_view.panel.panel_state import PanelState

MOST_ANSWERS = 200  # lines
ANSWERS_PX = 80
KEYS_ACT = "The keys in brackets act now."
KEYS_SLEEP = "Click here, so that the keys in brackets act."


class PanelWidget(QWidget):
    """The widget that rqt docks. Signal `pressed`: a Button and its number, after the operator has confirmed it."""

    pressed = Signal(object, int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("ZprlPanel")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._state = PanelState()
        self.question: Question | None = None
        self.figure_grid = FigureGrid()
        self.buttons = {button.name: PressButton(button) for button in BUTTONS}
        self.answers = QPlainTextEdit()
        self.answers.setReadOnly(True)
        self.answers.setPlaceholderText("Answers to what is pressed appear here.")
        self.answers.setMaximumBlockCount(MOST_ANSWERS)
        self.answers.setFixedHeight(ANSWERS_PX)
        self.keys = QLabel(KEYS_SLEEP)
        self._lay_out()
        for press in self.buttons.values():
            press.push.clicked.connect(partial(self.press, press.button))
        self._keys = {getattr(Qt.Key, f"Key_{b.key.capitalize()}"): b for b in BUTTONS if b.key}
        QApplication.instance().focusChanged.connect(self._on_focus)
        self.show_state(self._state)

    def show_robot(self, name: str) -> None:
        """Show whose panel this is."""
        self.setWindowTitle(f"zprl: {name}")

    def show_state(self, state: PanelState) -> None:
        """Show the state, and which buttons can be pressed in it."""
        self._state = state
        self.figure_grid.show_figures(figures(state))
        for press in self.buttons.values():
            press.show_state(state)

    def show_answer(self, text: str) -> None:
        """Add a line to the answers."""
        self.answers.appendPlainText(f"{datetime.now():%H:%M:%S} {text}")

    def event(self, event: QEvent) -> bool:
        """Claim the panel's keys while the focus is in it, before a shortcut of another part of rqt has them."""
        if event.type() == QEvent.Type.ShortcutOverride and self._button_of(event) is not None:
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press the button of a key. Qt calls this only while the panel, or a part of it, has the focus."""
        button = self._button_of(event)
        if button is None:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.press(button)

    def press(self, button: Button, *checked: bool) -> None:
        """Press a button as a click or its key does: what may move the arm is asked first."""
        if button.stops:
            self._drop_question()
        if not self._refused(button):
            number = self.buttons[button.name].number
            if button.moves:
                self._ask(button, number)
            else:
                self.pressed.emit(button, number)

    def _refused(self, button: Button) -> bool:
        reason = button.refusal(self._state)
        if reason:
            self.show_answer(f"{button.label}: not now: {reason}")
        return bool(reason)

    def _ask(self, button: Button, number: int) -> None:
        def confirmed() -> None:
            if not self._refused(button):  # the state may have changed meanwhile
                self.pressed.emit(button, number)

        self._drop_question()
        self.question = Question(button, confirmed, self._stop, self)
        self.question.finished.connect(self._forget_question)
        self.question.show()

    def _drop_question(self) -> None:
        if self.question is not None:
            self.question.close()

    def _forget_question(self) -> None:
        self.question = None

    def _stop(self) -> None:
        for button in BUTTONS:
            if button.stops:
                self.press(button)

    def _button_of(self, event: QKeyEvent) -> Button | None:
        button = self._keys.get(event.key())
        alone = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        return button if button is not None and (alone or button.stops) else None

    def _on_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        inside = now is not None and (now is self or self.isAncestorOf(now))
        self.keys.setText(KEYS_ACT if inside else KEYS_SLEEP)

    def _lay_out(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.addWidget(self.figure_grid)
        for group in Group:
            column.addWidget(self._box(group))
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inner)
        outer = QVBoxLayout(self)
        for press in self.buttons.values():
            if press.button.stops:
                outer.addWidget(press)
        outer.addWidget(scroll, 1)
        outer.addWidget(self.answers)
        outer.addWidget(self.keys)

    def _box(self, group: Group) -> ButtonBox:
        shown = [press for press in self.buttons.values() if press.button.group == group and not press.button.stops]
        return ButtonBox(group.value, shown)
