"""Watches a running graph through its topics."""
