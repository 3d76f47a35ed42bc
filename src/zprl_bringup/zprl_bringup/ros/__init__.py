"""Watches a running graph."""
