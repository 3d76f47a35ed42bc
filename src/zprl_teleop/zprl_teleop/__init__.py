"""Teleoperation of the arm."""
