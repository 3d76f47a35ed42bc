"""Recordings of episodes as ROS 2 bags."""
