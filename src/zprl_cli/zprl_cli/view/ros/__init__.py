"""Reads what a viewer shows from bags and records."""
