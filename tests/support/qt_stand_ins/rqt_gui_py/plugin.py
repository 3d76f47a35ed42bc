"""The base class of rqt's plugins."""

from PyQt5.QtCore import QObject


class Plugin(QObject):
    """A QObject whose parent is the plugin's context."""
