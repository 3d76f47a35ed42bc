"""Presses that are passed on, and those that are not."""

import pytest

from zprl_console.control import Control
from zprl_console.press import LATE_MS, late, refusal
from zprl_core.arm_mode import ArmMode
from zprl_view.panel.buttons import BUTTONS, button_named
from zprl_view.panel.panel_state import ArmRow, PanelState, Source

ESTOP, HOLD, ENABLE = (button_named(name) for name in ("estop", "hold", "enable"))
MINE = Control(holder="me")


def state(mode: ArmMode, age_s: float = 0.1) -> PanelState:
    services = frozenset(button.service for button in BUTTONS)
    return PanelState(arms=(ArmRow("", mode),), ages_s=((Source.ARM, age_s),), services=services)


def test_the_holder_presses_what_the_state_allows() -> None:
    assert refusal(HOLD, state(ArmMode.STREAM), MINE, "me") == ""
    assert "the arm is in ESTOP" in refusal(HOLD, state(ArmMode.ESTOP), MINE, "me")


def test_others_press_nothing_but_the_stop() -> None:
    control = Control(holder="other")
    control.set_name("other", "Anna")
    assert refusal(HOLD, state(ArmMode.STREAM), control, "me") == "Anna has control"
    assert refusal(HOLD, state(ArmMode.STREAM), Control(), "me") == "take control first"
    assert refusal(ESTOP, PanelState(), control, "me") == refusal(ESTOP, PanelState(), Control(), "me") == ""


def test_a_silent_arm_is_not_moved_but_may_be_stopped() -> None:
    assert "silent" in refusal(ENABLE, state(ArmMode.HOLD, 60.0), MINE, "me")
    assert refusal(ENABLE, state(ArmMode.HOLD), MINE, "me") == ""
    assert refusal(HOLD, state(ArmMode.STREAM, 60.0), MINE, "me") == ""


@pytest.mark.parametrize("shown", [10_000, 10_000 - LATE_MS])
def test_a_press_on_a_page_that_is_up_to_date(shown: int) -> None:
    assert late(HOLD, shown, 10_000) == ""


@pytest.mark.parametrize("shown", [9_999 - LATE_MS, 10_001, None, "9999", True, 9999.5, [9999], {}])
def test_a_press_that_was_held_up_or_has_no_time_is_refused_unless_it_stops(shown: object) -> None:
    assert "press again" in late(HOLD, shown, 10_000)
    assert late(ESTOP, shown, 10_000) == ""
