"""The graph as a ros2 launch description."""
