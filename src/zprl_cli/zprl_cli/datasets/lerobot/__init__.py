"""Demonstrations as a LeRobot data set of version 3: Parquet tables and videos."""
