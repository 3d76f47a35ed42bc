"""How late a simulated arm follows."""

from enum import Enum


class Latency(str, Enum):
    """Of a simulated robot, and of the demonstrations that are recorded on it."""

    IDEAL = "ideal"  # within its control step
    REAL = "real"  # as guards, arm node and driver make a real one
