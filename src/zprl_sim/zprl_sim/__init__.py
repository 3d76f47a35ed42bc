"""Simulated tasks for zprl: MuJoCo scenes, scripted experts, and a node with the robot's own interface."""

import zprl_sim.rendering  # noqa: F401  before any other module imports mujoco
