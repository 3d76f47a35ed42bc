"""The Franka driver, over franky."""
