"""Stands in for rqt's rqt_gui_py."""
