"""Building blocks of the page: a titled card, and a table of figures that is rebuilt only when its labels change."""

from collections.abc import Sequence

from nicegui import ui

from zprl_console.figures import Figure

PRESS = "() => window.zprlPress(emit, false)"  # see console.js
STOP = "() => window.zprlPress(emit, true)"


class Part:
    """A card with a title, and beside it a note, such as the age of figures that are old."""

    def __init__(self, title: str, name: str):
        """`name`: CSS class by which it is found."""
        self.card = ui.element("section").classes(f"part {name}")
        with self.card, ui.element("div").classes("part-title"):
            ui.label(title)
            self._note = ui.label().classes("old-text")

    def set_note(self, text: str) -> None:
        """Write something beside the title."""
        self._note.set_text(text)

    def mark_old(self, age: str) -> None:
        """Gray out the figures, and say how old they are; "" for figures that are new."""
        self.set_note(age)
        self.card.classes(**({"add": "old"} if age else {"remove": "old"}))


class FigureTable:
    """Lines of a label and a value."""

    def __init__(self, empty: str = ""):
        """`empty`: what is written when there are no figures."""
        self._empty = ui.label(empty).classes("faint")
        self._table = ui.element("div").classes("figures")
        self._labels: tuple[str, ...] = ()
        self._values: list[ui.label] = []

    def show(self, figures: Sequence[Figure]) -> None:
        labels = tuple(figure.label for figure in figures)
        if labels != self._labels:
            self._labels = labels
            self._rebuild()
        for figure, value in zip(figures, self._values, strict=True):
            value.set_text(figure.value)
            value.classes(**({"add": "bad"} if figure.bad else {"remove": "bad"}))
        self._empty.set_visibility(not figures)

    def _rebuild(self) -> None:
        self._table.clear()
        self._values = []
        with self._table:
            for label in self._labels:
                ui.label(label).classes("name")
                self._values.append(ui.label().classes("value"))
