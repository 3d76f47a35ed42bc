"""Starts the graph with ros2 launch."""
