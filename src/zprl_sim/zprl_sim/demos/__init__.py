"""Scripted experts and the recording of demonstrations."""
