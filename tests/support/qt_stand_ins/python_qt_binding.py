"""Stands in for ROS's python_qt_binding, which is not on PyPI: PyQt5 by its names."""

import sys

from PyQt5 import QtCore, QtGui, QtWidgets

QtCore.Signal = QtCore.pyqtSignal
for _module in (QtCore, QtGui, QtWidgets):
    sys.modules[f"{__name__}.{_module.__name__.split('.')[1]}"] = _module
