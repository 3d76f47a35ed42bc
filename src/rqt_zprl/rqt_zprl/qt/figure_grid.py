"""A grid of figures: name, text, age."""

from collections.abc import Sequence

from python_qt_binding.QtCore import Qt
from python_qt_binding.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from rqt_zprl.figures import Figure

ALARM = "color: #b00020; font-weight: bold;"


class FigureGrid(QWidget):
    """Shows figures, one a row; old ones are gray."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(1)
        self._grid.setColumnStretch(1, 1)
        self._rows: list[tuple[QLabel, QLabel, QLabel]] = []

    def show_figures(self, figures: Sequence[Figure]) -> None:
        """Show these in place of the ones before."""
        while len(self._rows) < len(figures):
            self._add_row()
        for row, labels in enumerate(self._rows):
            shown = row < len(figures)
            for label in labels:
                label.setVisible(shown)
            if shown:
                _fill(labels, figures[row])

    def row(self, name: str) -> tuple[QLabel, QLabel]:
        """Return the labels with the text and the age of a figure. Raises KeyError."""
        return {labels[0].text(): labels[1:] for labels in self._rows if not labels[0].isHidden()}[name]

    def _add_row(self) -> None:
        labels = QLabel(), QLabel(), QLabel()
        for column, label in enumerate(labels):
            label.setTextFormat(Qt.TextFormat.PlainText)  # it comes from the network
            self._grid.addWidget(label, len(self._rows), column, Qt.AlignmentFlag.AlignTop)
        labels[1].setWordWrap(True)
        labels[1].setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        labels[1].setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._rows.append(labels)


def _fill(labels: tuple[QLabel, QLabel, QLabel], figure: Figure) -> None:
    for label, text in zip(labels, (figure.name, figure.text, figure.age), strict=True):
        label.setText(text)
        label.setEnabled(not figure.old)
    labels[1].setStyleSheet(ALARM if figure.alarm and not figure.old else "")
