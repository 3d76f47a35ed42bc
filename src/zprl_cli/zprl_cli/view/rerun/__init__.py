"""Rerun: the only modules that import it."""
