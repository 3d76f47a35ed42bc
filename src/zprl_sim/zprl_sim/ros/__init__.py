"""The simulated robots as ROS 2 nodes."""
