"""Decides whether a press on a button is passed on."""

from zprl_console.control import Control
from zprl_view.panel.buttons import Button, Group
from zprl_view.panel.panel_state import PanelState, Source

LATE_MS = 3000  # a press on a page older than this was held up on its way


def refusal(button: Button, state: PanelState, control: Control, viewer: str) -> str:
    """Return why this viewer cannot press the button now; "" if they can. A button that stops can always be pressed."""
    if button.stops:
        return ""
    if control.holder != viewer:
        return control_text(control)
    if button.moves and button.group is Group.ARM and state.is_old(Source.ARM):
        return "the arm is silent, so that its mode is not known"
    return button.refusal(state)


def control_text(control: Control) -> str:
    """Return what a viewer without control is told."""
    return f"{control.name(control.holder)} has control" if control.holder else "take control first"


def late(button: Button, shown_ms: object, now_ms: int) -> str:
    """Return why a press came too late; "" if it did not.

    `shown_ms`: the newest time of the server's clock that the page had when it was pressed. A connection that is cut
    and restored delivers what was sent meanwhile. A late stop does no harm, so that it always passes.
    """
    if button.stops:
        return ""
    on_time = isinstance(shown_ms, int) and not isinstance(shown_ms, bool) and 0 <= now_ms - shown_ms <= LATE_MS
    return "" if on_time else "the press arrived late, as the connection was interrupted; press again"
