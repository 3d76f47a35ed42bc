"""Learner node of zprl: transitions in, actor weights out."""
