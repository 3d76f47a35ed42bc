"""Demonstrations as a robomimic HDF5 file."""
