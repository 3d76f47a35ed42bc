"""The view node."""
