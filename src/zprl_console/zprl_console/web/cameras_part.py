"""The live cameras. The browser fetches the images; a camera that no page shows is not subscribed."""

from nicegui import ui

from zprl_console.board import Board
from zprl_console.web.parts import Part


class CamerasPart:
    """All cameras of the robot, which the viewer may hide."""

    def __init__(self) -> None:
        part = Part("Cameras", "cameras-part")
        with part.card:
            switch = ui.switch("show", value=True).props("dense")
            self._none = ui.label("no camera publishes").classes("faint")
            self._box = ui.element("div").classes("cameras").bind_visibility_from(switch, "value")
        self._names: tuple[str, ...] = ()

    def show(self, board: Board) -> None:
        names = board.cameras.names()
        self._none.set_visibility(not names)
        if names != self._names:
            self._names = names
            self._box.clear()
            with self._box:
                for name in names:
                    _camera(name)


def _camera(name: str) -> None:
    with ui.element("div").classes("camera"):
        image = ui.element("img")
        image.props["data-camera"] = name
        image.props["alt"] = f"camera {name}"
        ui.label(name).classes("faint")
        ui.label().classes("old-text age")
