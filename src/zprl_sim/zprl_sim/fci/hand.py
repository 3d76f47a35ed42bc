"""The state of the simulated hand, to test what happens when a real one does not move."""

from enum import Enum


class Hand(Enum):
    """The state of the simulated hand."""

    HOMED = "homed"
    NOT_HOMED = "not_homed"  # as after power-up: a greatest width of 0, and no motion until it is homed
    REFUSES = "refuses"  # refuses every motion
