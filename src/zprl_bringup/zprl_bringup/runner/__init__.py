"""Start the graph without ros2 launch."""
