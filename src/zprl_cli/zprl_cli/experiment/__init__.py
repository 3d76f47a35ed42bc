"""Blind comparisons of two policies: `zprl compare`."""
