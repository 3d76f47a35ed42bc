"""Franka's control interface, simulated."""
