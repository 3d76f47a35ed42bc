"""Starts experiment trackers: beside a run, and for a run that exists."""
