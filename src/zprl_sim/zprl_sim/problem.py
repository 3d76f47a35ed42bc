"""What a run needs of the problem that it learns: one interface for our tasks and for other environments."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from zprl.training.demos import Demos
from zprl.training.rollout import Robot
from zprl_core.action_spec import ActionSpec
from zprl_core.observation_spec import ObservationSpec
from zprl_sim.tasks.recipe import Recipe


class ProblemRobot(Robot, Protocol):
    """A robot that holds a simulator."""

    def close(self) -> None: ...


class VisibleRobot(ProblemRobot, Protocol):
    """A robot that can be drawn."""

    def render(self) -> npt.NDArray[np.uint8]:
        """(h, w, 3) picture. Raises RuntimeError when nothing can be drawn here."""


class Problem(Protocol):
    """Something to learn in process: a task of ours, or a Gymnasium environment."""

    @property
    def name(self) -> str: ...

    @property
    def observation(self) -> ObservationSpec: ...

    @property
    def action(self) -> ActionSpec: ...

    @property
    def numbers(self) -> dict[str, Any]:
        """What the run's config records of it."""

    def check(self) -> None:
        """Raises ValueError when demonstrations cannot be recorded."""

    def record(self, recipe: Recipe, seed: int, progress: Callable[[int, int], None]) -> Demos:
        """Demonstrations that succeed; `progress` gets how many were kept and how many were tried."""

    def robot(self) -> ProblemRobot:
        """A robot as deployed."""

    def visible_robot(self) -> VisibleRobot | None:
        """A robot for videos; None when the problem has no picture."""
