"""One viewer's page."""

from nicegui import ui

from zprl_console.board import Board
from zprl_console.figures import silence
from zprl_console.web.buttons_part import ButtonsPart
from zprl_console.web.cameras_part import CamerasPart
from zprl_console.web.control_bar import ControlBar
from zprl_console.web.episodes_part import CurvePart, EpisodesPart
from zprl_console.web.status_part import ARM, DIAGNOSTICS, GUARDS, LEARNER, POLICY, StatusPart
from zprl_view.panel.buttons import Group

REFRESH_S = 0.5


class Page:
    """Builds itself in the current slot, and follows the board."""

    def __init__(self, board: Board, viewer: str):
        self._board, self._buttons = board, ButtonsPart(board, viewer)
        with ui.header(fixed=False, elevated=False).classes("bar"):
            self._bar = ControlBar(board, viewer)
        self._silence = ui.label().classes("banner silence")
        self._prompt = ui.label().classes("banner prompt")
        self._refusal = ui.label().classes("banner refusal")
        with ui.element("div").classes("board"):
            self._build()
        with ui.footer(elevated=True).classes("stop-bar"):
            self._buttons.stop_button()
        self._beat = ui.label().classes("beat")
        self.refresh()
        ui.timer(REFRESH_S, self.refresh)

    def _build(self) -> None:
        """Build the cards, in the order in which a phone shows them."""
        self._cameras = CamerasPart()
        self._buttons.group(Group.EPISODE)
        self._buttons.group(Group.ARM)
        self._policy, self._arm = StatusPart(POLICY), StatusPart(ARM)
        self._curve, self._episodes = CurvePart(), EpisodesPart()
        self._buttons.group(Group.POLICY)
        self._learner = StatusPart(LEARNER)
        self._buttons.group(Group.LEARNER)
        self._guards, self._diagnostics = StatusPart(GUARDS), StatusPart(DIAGNOSTICS)

    def refresh(self) -> None:
        """Show the newest state; only what has changed is sent to the browser."""
        state = self._board.state
        self._beat.set_text(str(self._board.now_ms()))
        self._bar.show()
        silent = silence(state)
        _banner(self._silence, silent)
        _banner(self._prompt, state.prompt and f"You: {state.prompt}", bool(silent))
        _banner(self._refusal, state.refusal and f"No episode starts: {state.refusal}", bool(silent))
        self._cameras.show(self._board)
        self._buttons.show()
        self._curve.show(self._board)
        self._episodes.show(self._board)
        for part in (self._policy, self._arm, self._learner, self._guards, self._diagnostics):
            part.show(state)


def _banner(label: ui.label, text: str, old: bool = False) -> None:
    label.set_text(text)
    label.set_visibility(bool(text))
    label.classes(**({"add": "old"} if old else {"remove": "old"}))
