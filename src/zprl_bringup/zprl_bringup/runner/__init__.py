"""Starts and watches the graph without ros2 launch."""
