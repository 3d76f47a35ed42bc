"""Evaluates the newest policy on held-out episodes while it is finetuned."""
