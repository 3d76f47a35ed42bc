"""The buttons of one group, in as many columns as there is room for."""

from collections.abc import Sequence

from python_qt_binding.QtGui import QResizeEvent
from python_qt_binding.QtWidgets import QGridLayout, QGroupBox, QSizePolicy

from rqt_zprl.qt.press_button import PressButton

MOST_COLUMNS = 4


class ButtonBox(QGroupBox):
    """Reflows its buttons when its width changes; a dock of rqt may be narrow."""

    def __init__(self, title: str, buttons: Sequence[PressButton]) -> None:
        super().__init__(title)
        self._buttons, self._columns = tuple(buttons), 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(6, 3, 6, 3)
        self._grid.setSpacing(3)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._place(1)

    @property
    def columns(self) -> int:
        """The number of columns now."""
        return self._columns

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        widest = max(press.sizeHint().width() for press in self._buttons)
        room = event.size().width() // (widest + self._grid.spacing())
        self._place(min(max(room, 1), MOST_COLUMNS))

    def _place(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for press in self._buttons:
            self._grid.removeWidget(press)
        for n, press in enumerate(self._buttons):
            self._grid.addWidget(press, n // columns, n % columns)
        for column in range(MOST_COLUMNS):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self.updateGeometry()
