"""The learner node of zprl."""
