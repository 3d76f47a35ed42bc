"""Robots as values: the nodes, checks and needs of each."""
