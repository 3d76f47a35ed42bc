"""Runs the frozen base with ONNX Runtime: export of its parts, and the same interface as the torch module."""
