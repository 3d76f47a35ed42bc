"""The learner node."""
