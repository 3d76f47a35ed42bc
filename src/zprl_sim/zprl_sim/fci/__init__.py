"""A simulated Franka Control Interface (FCI)."""
