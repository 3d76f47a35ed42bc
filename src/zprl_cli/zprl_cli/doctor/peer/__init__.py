"""Measures the network between two machines of one run."""
