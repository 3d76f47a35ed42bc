"""A panel over a link that a test answers."""

from concurrent.futures import Future
from typing import Any

import pytest

pytest.importorskip("qt_app", reason="PyQt5 or a library of it is missing", exc_type=ImportError)

from qt_app import settle
from rqt_zprl.qt.connection import Connection
from rqt_zprl.qt.panel_widget import PanelWidget
from zprl_view.panel.buttons import BUTTONS, Button, button_named
from zprl_view.panel.panel_state import PanelState


class Answer:
    """A service's response."""

    def __init__(self, success: bool, message: str) -> None:
        self.success, self.message = success, message


class FakeLink:
    """Shows a state, and keeps what was pressed."""

    def __init__(self) -> None:
        self.shown = PanelState(services=frozenset(button.service for button in BUTTONS))
        self.calls: list[tuple[str, int, Future[Any]]] = []

    def state(self) -> PanelState:
        return self.shown

    def press(self, button: Button, number: int = 0) -> "Future[Any]":
        self.calls.append((button.name, number, Future()))
        return self.calls[-1][2]


def test_presses_reach_the_link_and_answers_the_panel() -> None:
    widget, link = PanelWidget(), FakeLink()
    connection = Connection(widget, link)
    widget.press(button_named("home_gripper"))
    assert widget.question is not None and not link.calls
    widget.buttons["roll_back"].spin.setValue(4)  # type: ignore[union-attr]
    for name in ("freeze", "roll_back", "estop"):
        widget.press(button_named(name))
    assert [call[:2] for call in link.calls] == [("freeze", 0), ("roll_back", 4), ("estop", 0)]
    for call, answer in zip(link.calls, (Answer(True, ""), Answer(False, "no weights 4")), strict=False):
        call[2].set_result(answer)
    connection.refresh()
    lines = [line[9:] for line in widget.answers.toPlainText().splitlines()]  # without the time
    assert lines[-2:] == ["Freeze weights: done", "Roll back to weights: refused: no weights 4"]
    connection.close()
    widget.press(button_named("estop"))
    assert len(link.calls) == 3
    widget.deleteLater()
    settle()


def test_a_new_state_is_shown() -> None:
    widget, link = PanelWidget(), FakeLink()
    connection = Connection(widget, link)
    link.shown = PanelState(prompt="put the cube back")
    connection.refresh()
    assert widget.figure_grid.row("prompt")[0].text() == "put the cube back"
    connection.close()
    widget.deleteLater()
    settle()
