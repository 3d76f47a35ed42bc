"""Nodes of the devices."""
