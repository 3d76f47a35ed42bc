"""Shares the machine with other users and programs: processes, locks, signals, start errors."""
