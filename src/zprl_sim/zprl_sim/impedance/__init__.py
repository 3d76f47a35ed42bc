"""A simulated arm under Cartesian impedance control."""
