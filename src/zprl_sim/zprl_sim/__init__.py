"""Simulated tasks for zprl: MuJoCo scenes, scripted experts, and a node with the robot's own interface."""
