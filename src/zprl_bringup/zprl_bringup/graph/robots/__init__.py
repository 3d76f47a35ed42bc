"""Robots as values: the nodes of each, its checks, and what it needs."""
