"""Drivers of real devices."""
