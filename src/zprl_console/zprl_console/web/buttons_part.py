"""The operator's buttons: disabled with the reason, a question before what moves, and the answer of the service."""

import asyncio
import time
from functools import partial

from nicegui import events, ui

from zprl_console import press
from zprl_console.board import Board
from zprl_console.web.parts import PRESS, STOP, Part
from zprl_view.panel.buttons import BUTTONS, Button, Group

MOST_NUMBER = 2**31 - 1


class ButtonsPart:
    """The groups of buttons, and the emergency stop, which stands outside of them."""

    def __init__(self, board: Board, viewer: str):
        self._board, self._viewer = board, viewer
        self._cells: list[tuple[Button, ui.button, ui.label]] = []
        self._parts: list[Part] = []
        self._asking = False

    def stop_button(self) -> None:
        """Build the buttons that stop, and a line for the newest answer, in the current slot."""
        self._answer = ui.label().classes("answer").props('role="status"')
        for button in (each for each in BUTTONS if each.stops):
            made = ui.button(button.label, color=None).props("unelevated no-caps").classes(f"button-{button.name}")
            made.props["data-key"] = button.key
            made.on("click", partial(self._clicked, button), js_handler=STOP)

    def show(self) -> None:
        state, control = self._board.state, self._board.control
        for part in self._parts:
            part.set_note("" if control.holder == self._viewer else press.control_text(control))
        for button, made, caption in self._cells:
            made.set_enabled(not press.refusal(button, state, control, self._viewer))
            caption.set_text(button.refusal(state) or button.help)

    def group(self, group: Group) -> None:
        """Build the card of a group, in the current slot."""
        self._parts.append(part := Part(f"{group.value.capitalize()} buttons", f"group-{group.value}"))
        with part.card, ui.element("div").classes("buttons"):
            for button in (each for each in BUTTONS if each.group == group and not each.stops):
                with ui.element("div").classes("cell"):
                    made = ui.button(button.label).props("unelevated no-caps").classes(f"button-{button.name}")
                    if button.key:
                        made.props["data-key"] = button.key
                        with made:
                            ui.label(button.key).classes("key")
                    made.on("click", partial(self._clicked, button), js_handler=PRESS)
                    self._cells.append((button, made, ui.label().classes("faint")))

    async def _clicked(self, button: Button, event: events.GenericEventArguments) -> None:
        reason = press.late(button, event.args, self._board.now_ms()) or self._refusal(button)
        if not reason and (button.asks_number or button.moves):
            number = await self._asked(button)
            if number is None:
                return
            reason = self._refusal(button)  # the state may have changed meanwhile
        else:
            number = 0
        if reason:
            self._say(button, False, reason)
            return
        answer = await asyncio.wrap_future(self._board.link.press(button, number))
        self._say(button, answer.success, answer.message)

    async def _asked(self, button: Button) -> int | None:
        """Ask for the number, or whether to go on (0: yes). None: no, or another question waits for its answer."""
        if self._asking:
            return None
        self._asking = True
        try:
            if button.asks_number:
                return await _ask_number(self._board, button)
            return 0 if await _confirmed(self._board, button) else None
        finally:
            self._asking = False

    def _refusal(self, button: Button) -> str:
        return press.refusal(button, self._board.state, self._board.control, self._viewer)

    def _say(self, button: Button, success: bool, message: str) -> None:
        text = f"{time.strftime('%H:%M:%S')} {button.label}: {message or ('done' if success else 'refused')}"
        self._answer.set_text(text)
        self._answer.classes(**({"remove": "bad"} if success else {"add": "bad"}))


async def _confirmed(board: Board, button: Button) -> bool:
    """Ask whether the arm may move. An answer that was held up on its way counts as no."""
    with ui.dialog() as dialog, ui.card().classes("question"):
        ui.label(f"{button.label}: the arm will move or may move.").classes("part-title")
        ui.label(button.help or "Look whether its way is free.")
        with ui.row():
            yes = ui.button(button.label, color="warning").props("no-caps").classes("yes")
            ui.button("Cancel", on_click=partial(dialog.submit, False)).props("flat no-caps")
        yes.on("click", lambda e: dialog.submit(not press.late(button, e.args, board.now_ms())), js_handler=PRESS)
    answer = await dialog
    dialog.delete()
    return bool(answer)


async def _ask_number(board: Board, button: Button) -> int | None:
    """Ask for the number of the request; None for one that is none, or that was held up on its way."""
    with ui.dialog() as dialog, ui.card().classes("question"):
        ui.label(button.label).classes("part-title")
        number = ui.number("number", min=0, max=MOST_NUMBER, precision=0).props("autofocus")
        with ui.row():
            yes = ui.button(button.label).props("no-caps").classes("yes")
            ui.button("Cancel", on_click=partial(dialog.submit, None)).props("flat no-caps")

    def submit(event: events.GenericEventArguments) -> None:
        dialog.submit(None if press.late(button, event.args, board.now_ms()) else number.value)

    yes.on("click", submit, js_handler=PRESS)
    value = await dialog
    dialog.delete()
    known = isinstance(value, int | float) and value == int(value) and 0 <= value <= MOST_NUMBER
    return int(value) if known else None
