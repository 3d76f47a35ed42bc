"""Cameras of a running graph, for the console."""
