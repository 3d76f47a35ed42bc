"""One control step of a recorded episode."""

from collections.abc import Mapping
from dataclasses import dataclass

from zprl_core.action import ArmTarget
from zprl_core.observation import Observation


@dataclass(frozen=True)
class BagStep:
    """One control step: what was observed, and what the arms executed in answer to it, by arm name."""

    number: int  # of the step in the episode; those that are left out count
    stamp_ns: int  # of the first arm's state
    observation: Observation
    targets: Mapping[str, ArmTarget]
    clipped: bool  # a guard changed a command
    person: bool  # a human moved an arm
