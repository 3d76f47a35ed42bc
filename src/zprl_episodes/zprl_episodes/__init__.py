"""Episodes: when they begin and end, and what the operator is asked."""
