"""The panel without a screen: what it shows, and what clicks and keys do."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

pytest.importorskip("qt_app", reason="PyQt5 or a library of it is missing", exc_type=ImportError)

from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication, QMessageBox, QWidget

from qt_app import settle
from rqt_zprl.qt.button_box import ButtonBox
from rqt_zprl.qt.panel_widget import KEYS_ACT, KEYS_SLEEP, PanelWidget
from zprl_core.arm_mode import ArmMode
from zprl_core.episode_event import EpisodeEventKind
from zprl_view.panel.buttons import BUTTONS
from zprl_view.panel.panel_state import ArmRow, EpisodeRow, LearnerRow, PanelState, PolicyRow, Source

RUNNING = PanelState(
    policy=PolicyRow(mode="finetune", weights=12),
    arms=(ArmRow("", ArmMode.STREAM),),
    learner=LearnerRow(),
    episodes=(EpisodeRow(7, EpisodeEventKind.STARTED),),
    ages_s=((Source.POLICY, 0.2), (Source.ARM, 0.2), (Source.LEARNER, 9.0)),
    services=frozenset(button.service for button in BUTTONS),
)
IDLE = replace(RUNNING, arms=(ArmRow("", ArmMode.IDLE),), episodes=())


class Panel(PanelWidget):
    """Keeps what was pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.presses: list[tuple[str, int]] = []
        self.pressed.connect(lambda button, number: self.presses.append((button.name, number)))

    def click(self, name: str) -> None:
        QTest.mouseClick(self.buttons[name].push, Qt.LeftButton)

    def answer(self, choice: QMessageBox.StandardButton) -> None:
        assert self.question is not None
        self.question.button(choice).click()
        settle()


@pytest.fixture
def panel() -> Iterator[Panel]:
    panel = Panel()
    panel.show()
    panel.activateWindow()
    panel.setFocus()
    panel.show_state(RUNNING)
    settle()
    yield panel
    panel.close()
    panel.deleteLater()
    settle()


def test_figures_are_shown_and_old_ones_are_gray(panel: Panel) -> None:
    text, age = panel.figure_grid.row("episode")
    assert (text.text(), text.isEnabled()) == ("7 is running", True)
    text, age = panel.figure_grid.row("learner")
    assert (age.text(), age.isEnabled(), text.isEnabled()) == ("9.0 s ago", False, False)


def test_a_second_arm_gets_a_line_and_loses_it(panel: Panel) -> None:
    panel.show_state(replace(RUNNING, arms=(ArmRow("left", ArmMode.HOLD), ArmRow("right", ArmMode.FAULT, "hot"))))
    text, _ = panel.figure_grid.row("arm right")
    assert text.text() == "FAULT, hot" and "b00020" in text.styleSheet()
    panel.show_state(RUNNING)
    with pytest.raises(KeyError):
        panel.figure_grid.row("arm right")


def test_text_of_the_network_is_no_markup(panel: Panel) -> None:
    panel.show_state(replace(RUNNING, prompt="<b>put</b> it back"))
    text, _ = panel.figure_grid.row("prompt")
    assert text.textFormat() == Qt.PlainText and text.text() == "<b>put</b> it back"


def test_a_button_that_cannot_be_pressed_says_why(panel: Panel) -> None:
    start, success = panel.buttons["start"].push, panel.buttons["success"].push
    assert not start.isEnabled() and start.toolTip() == "not now: an episode is running"
    assert success.isEnabled()
    panel.show_state(IDLE)
    assert start.isEnabled() and "moves to its start" in start.toolTip()
    assert not success.isEnabled() and success.toolTip() == "not now: no episode is running"


def test_a_click_presses_once_and_without_a_question(panel: Panel) -> None:
    panel.click("success")
    assert panel.presses == [("success", 0)] and panel.question is None


def test_a_disabled_button_is_not_pressed_by_click_or_key(panel: Panel) -> None:
    panel.click("start")
    QTest.keyClick(panel, Qt.Key_N)
    assert not panel.presses and panel.question is None
    assert "Start episode: not now: an episode is running" in panel.answers.toPlainText()


MOVING = [button.name for button in BUTTONS if button.moves]


@pytest.mark.parametrize("name", MOVING)
def test_what_may_move_the_arm_asks_twice(panel: Panel, name: str) -> None:
    mode = ArmMode.ESTOP if name == "release" else ArmMode.IDLE
    panel.show_state(replace(IDLE, arms=(ArmRow("", mode),), prompt="put it back"))
    panel.click(name)
    assert not panel.presses and panel.question is not None
    assert panel.question.defaultButton() is panel.question.button(QMessageBox.No)
    panel.answer(QMessageBox.No)
    assert not panel.presses and panel.question is None
    panel.click(name)
    panel.answer(QMessageBox.Yes)
    assert panel.presses == [(name, 0)] and panel.question is None


def test_return_in_the_question_means_no(panel: Panel) -> None:
    panel.show_state(IDLE)
    panel.click("enable")
    QTest.keyClick(panel.question, Qt.Key_Return)
    settle()
    assert not panel.presses and panel.question is None


def test_a_yes_that_comes_too_late_presses_nothing(panel: Panel) -> None:
    panel.show_state(IDLE)
    panel.click("enable")
    panel.show_state(replace(IDLE, arms=(ArmRow("", ArmMode.ESTOP),)))
    panel.answer(QMessageBox.Yes)
    assert not panel.presses and "the arm is in ESTOP" in panel.answers.toPlainText()


@pytest.mark.parametrize("state", [PanelState(), RUNNING, IDLE])
def test_the_emergency_stop_is_pressed_at_once_in_every_state(panel: Panel, state: PanelState) -> None:
    panel.show_state(state)
    panel.click("estop")
    QTest.keyClick(panel, Qt.Key_Escape)
    QTest.keyClick(panel, Qt.Key_Escape, Qt.ShiftModifier)
    assert panel.presses == [("estop", 0)] * 3 and panel.question is None


def test_the_emergency_stop_works_beside_a_question_and_ends_it(panel: Panel) -> None:
    panel.show_state(IDLE)
    panel.click("enable")
    assert panel.question is not None and not panel.question.isModal()
    panel.click("estop")
    settle()
    assert panel.presses == [("estop", 0)] and panel.question is None


def test_escape_in_the_question_is_the_emergency_stop(panel: Panel) -> None:
    panel.show_state(IDLE)
    panel.click("enable")
    QTest.keyClick(panel.question, Qt.Key_Escape)
    settle()
    assert panel.presses == [("estop", 0)] and panel.question is None


def test_keys_press_while_the_focus_is_in_the_panel(panel: Panel) -> None:
    assert panel.keys.text() == KEYS_ACT
    QTest.keyClick(panel, Qt.Key_F)
    assert panel.presses == [("failure", 0)]
    QTest.keyClick(panel, Qt.Key_S, Qt.ControlModifier)
    assert len(panel.presses) == 1


def test_keys_of_another_part_of_rqt_press_nothing(panel: Panel) -> None:
    other = QWidget()
    other.show()
    other.activateWindow()
    other.setFocus()
    settle()
    assert panel.keys.text() == KEYS_SLEEP
    QTest.keyClick(other, Qt.Key_F)
    other.close()
    assert not panel.presses


def test_space_does_not_press_the_button_that_was_clicked_last(panel: Panel) -> None:
    panel.click("success")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key_Space)
    assert panel.presses == [("success", 0)] and QApplication.focusWidget() is panel


def test_a_number_goes_with_the_press(panel: Panel) -> None:
    spin = panel.buttons["roll_back"].spin
    assert spin is not None
    spin.setValue(9)
    panel.click("roll_back")
    assert panel.presses == [("roll_back", 9)]


def test_answers_are_kept_in_order_and_not_without_end(panel: Panel) -> None:
    for n in range(300):
        panel.show_answer(f"answer {n}")
    lines = panel.answers.toPlainText().splitlines()
    assert len(lines) == 200 and lines[-1].endswith("answer 299")


def test_a_narrow_panel_has_fewer_columns_and_hides_no_button(panel: Panel) -> None:
    found = []
    for width in (1400, 300):
        panel.resize(width, 900)
        settle()
        found.append([box.columns for box in panel.findChildren(ButtonBox)])
        boxes = {press.push.mapTo(panel, press.push.rect().topRight()).x() for press in panel.buttons.values()}
        assert max(boxes) < width
    assert found[0] == [4, 4, 4, 4] and found[1] == [1, 1, 1, 1]


@pytest.mark.parametrize("part", ["answers", "spin"])
def test_escape_in_any_part_of_the_panel_is_the_emergency_stop(panel: Panel, part: str) -> None:
    focused = panel.answers if part == "answers" else panel.buttons["roll_back"].spin
    focused.setFocus()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key_Escape)
    assert panel.isAncestorOf(QApplication.focusWidget()) and panel.presses == [("estop", 0)]


def test_digits_go_to_the_number(panel: Panel) -> None:
    spin = panel.buttons["roll_back"].spin
    assert spin is not None
    spin.setFocus()
    spin.selectAll()
    QTest.keyClicks(QApplication.focusWidget(), "42")
    assert panel.buttons["roll_back"].number == 42 and not panel.presses
