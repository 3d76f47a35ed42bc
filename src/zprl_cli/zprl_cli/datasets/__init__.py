"""Demonstrations in the formats of other tools: robomimic's HDF5 files and LeRobot's data sets."""
