"""Sweeps of tasks, methods and seeds: `zprl sweep`."""
