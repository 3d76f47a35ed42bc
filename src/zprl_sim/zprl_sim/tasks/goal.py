"""The region of a task's success, for those who watch; success itself is decided by the task's function."""

from dataclasses import dataclass

from zprl_sim.tasks.camera import Point

LAYER_M = 0.004


@dataclass(frozen=True)
class GoalRegion:
    """The box in which the middle of the moved object succeeds, in the base frame [m]."""

    low: Point
    high: Point
    around: str = ""  # object whose position is the origin of the box; "": the base frame's own
    thing: str = ""  # the moved object

    def __post_init__(self) -> None:
        if any(low >= high for low, high in zip(self.low, self.high, strict=True)):
            raise ValueError(f"a goal region must not be empty, got {self}")


def lifted(thing: str, height_m: float) -> GoalRegion:
    """Return a thin layer, above which the object must be lifted; the whole space above it would hide the scene."""
    return GoalRegion((0.28, -0.30, height_m), (0.66, 0.30, height_m + LAYER_M), thing=thing)
