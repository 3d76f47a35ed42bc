"""The command latency of a simulated arm."""

from enum import Enum


class Latency(str, Enum):
    """The command latency of a simulated robot and of the demonstrations recorded on it."""

    IDEAL = "ideal"  # commands take effect within their control step
    REAL = "real"  # the latency of a real arm behind guards, arm node and driver
    IMPEDANCE = "impedance"  # the latency of a real arm, and the springs of Franka's impedance control
