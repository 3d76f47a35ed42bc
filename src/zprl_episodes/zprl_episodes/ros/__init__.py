"""The episode node and the operator node."""
