"""Hands the metrics of a run to experiment trackers, from its files, in a process of its own."""
