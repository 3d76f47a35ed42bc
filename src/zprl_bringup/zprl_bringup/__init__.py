"""Bring up zprl: the launch graph, the episode node, and their parameters."""
