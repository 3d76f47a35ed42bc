"""What every package of zprl shares: observations, actions, geometry, settings, errors."""
