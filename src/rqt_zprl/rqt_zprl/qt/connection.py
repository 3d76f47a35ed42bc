"""Connects a panel with a graph: shows the state a few times a second, and passes presses and answers on."""

from concurrent.futures import Future
from typing import Any, Protocol

from python_qt_binding.QtCore import QObject, QTimer

from rqt_zprl.qt.panel_widget import PanelWidget
from zprl_view.panel.buttons import Button
from zprl_view.panel.panel_state import PanelState

PERIOD_MS = 200


class Link(Protocol):
    """Something that hears a graph and calls its services, such as PanelLink.

    An answer has `success` and `message`, and may arrive on any thread.
    """

    def state(self) -> PanelState: ...

    def press(self, button: Button, number: int = 0) -> "Future[Any]": ...


class Connection(QObject):
    """Lives on the thread of the widget, which is its parent. `close` ends it."""

    def __init__(self, widget: PanelWidget, link: Link) -> None:
        super().__init__(widget)
        self._widget, self._link = widget, link
        self._waiting: list[tuple[Button, Future[Any]]] = []
        widget.pressed.connect(self._on_press)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self._timer.start(PERIOD_MS)
        self.refresh()

    def refresh(self) -> None:
        """Show the newest state, and the answers that have arrived."""
        self._widget.show_state(self._link.state())
        for call in [call for call in self._waiting if call[1].done()]:
            self._waiting.remove(call)
            button, answer = call[0], call[1].result()
            done = "done" if answer.success else "refused"
            self._widget.show_answer(f"{button.label}: {done}" + (f": {answer.message}" if answer.message else ""))

    def close(self) -> None:
        """Stop showing; presses go nowhere."""
        self._timer.stop()
        self._widget.pressed.disconnect(self._on_press)

    def _on_press(self, button: Button, number: int) -> None:
        self._widget.show_answer(f"{button.label}: sent")
        self._waiting.append((button, self._link.press(button, number)))
