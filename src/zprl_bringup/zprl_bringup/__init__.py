"""Starts the ROS graph of zprl: its nodes, their parameters, launch files and the runner."""
