"""Serves a graph to Foxglove over a WebSocket."""
