"""The bar at the top: robot, modes, and who has control."""

import time

from nicegui import ui

from zprl_console.board import Board
from zprl_console.figures import silence
from zprl_console.web.parts import PRESS
from zprl_view.panel.panel_state import PanelState, Source


class ControlBar:
    """Builds itself in the current slot."""

    def __init__(self, board: Board, viewer: str):
        self._board, self._viewer, self._asked = board, viewer, False
        ui.label(f"zprl {board.robot}").classes("title")
        self._mode = ui.label().classes("chip mode")
        self._who = ui.label().classes("who")
        self._take = ui.button("Take control").props("no-caps unelevated").classes("take")
        self._take.on("click", self._on_take, js_handler=PRESS)
        self._release = ui.button("Release control", on_click=lambda: board.control.release(viewer))
        self._release.props("no-caps outline").classes("release")
        name = ui.input("your name", on_change=lambda e: board.control.set_name(viewer, str(e.value or "")))
        name.props("dense maxlength=40").classes("your-name")
        dark = ui.dark_mode(None)
        ui.button("Dark / light", on_click=dark.toggle).props("flat dense no-caps")
        self._dialog = self._hand_over()

    def _hand_over(self) -> ui.dialog:
        with ui.dialog().props("persistent") as dialog, ui.card().classes("hand-over"):
            self._question = ui.label().classes("part-title")
            with ui.row():
                give = ui.button("Hand over").props("no-caps").classes("give")
                keep = ui.button("Keep control").props("flat no-caps").classes("keep")
        give.on("click", lambda: self._board.control.answer(self._viewer, True))
        keep.on("click", lambda: self._board.control.answer(self._viewer, False))
        return dialog

    def show(self) -> None:
        control, viewer = self._board.control, self._viewer
        mine = control.holder == viewer
        wanted = control.wanted
        waits = wanted is not None and wanted.viewer == viewer
        self._mode.set_text(_modes(self._board.state))
        self._who.set_text(_who(mine, waits, control.name(control.holder) if control.holder else ""))
        self._take.set_visibility(not mine)
        self._take.set_enabled(not waits)
        self._take.set_text("Ask for control" if control.holder else "Take control")
        self._release.set_visibility(mine)
        asks = mine and wanted is not None
        if asks and wanted is not None:
            left_s = max(0.0, wanted.end_s - time.monotonic())
            self._question.set_text(f"{control.name(wanted.viewer)} asks for control; it passes in {left_s:.0f} s")
        if asks != self._asked:
            self._asked = asks
            self._dialog.set_value(asks)

    def _on_take(self) -> None:
        self._board.control.take(self._viewer, time.monotonic())


def _who(mine: bool, waits: bool, holder: str) -> str:
    if mine:
        return "you have control"
    if waits:
        return f"asked {holder} for control"
    return f"{holder} has control" if holder else "control is free"


def _modes(state: PanelState) -> str:
    """Name the modes of arm and policy, and what runs; an old one is not named."""
    arm = state.arm_mode.name if state.arm_mode is not None and not state.is_old(Source.ARM) else "?"
    policy = state.policy.mode if not state.is_old(Source.POLICY) else "?"
    episode = "?" if silence(state) else "runs" if state.running else "-"
    return f"arm {arm}, policy {policy}, episode {episode}"
