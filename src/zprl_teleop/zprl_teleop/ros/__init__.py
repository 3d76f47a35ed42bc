"""The teleoperation node."""
