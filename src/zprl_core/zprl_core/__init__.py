"""Records shared by every zprl package: observations, actions, geometry, settings and errors."""
