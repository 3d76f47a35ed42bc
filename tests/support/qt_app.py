"""Qt without a screen, for tests: one QApplication a process, and stand-ins for what only rqt brings.

ImportError where PyQt5, or a library that it needs, is missing: Qt itself would end the process.
"""

import ctypes
import os
import sys
from pathlib import Path

from PyQt5 import QtTest, QtWidgets  # noqa: F401  # with its libraries
from PyQt5.QtCore import QEvent, QLibraryInfo

os.environ["QT_QPA_PLATFORM"] = "offscreen"
sys.path.append(str(Path(__file__).parent / "qt_stand_ins"))  # last, so that rqt's own come first

try:
    ctypes.CDLL(str(Path(QLibraryInfo.location(QLibraryInfo.PluginsPath), "platforms", "libqoffscreen.so")))
except OSError as error:
    raise ImportError(f"Qt without a screen needs a library: {error}") from error

_app = QtWidgets.QApplication.instance() or QtWidgets.QApplication(["test"])


def settle() -> None:
    """Let Qt do what is due, and delete what was closed."""
    _app.processEvents()
    _app.sendPostedEvents(None, QEvent.DeferredDelete)
