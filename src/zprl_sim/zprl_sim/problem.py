"""The interface of a problem to learn, for zprl's tasks and other environments."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from zprl.training.demos import Demos
from zprl.training.rollout import Robot
from zprl.training.video import Codec
from zprl_core.action_spec import ActionSpec
from zprl_core.observation_spec import ObservationSpec
from zprl_sim.tasks.recipe import Recipe


class ProblemRobot(Robot, Protocol):
    """A robot that owns a simulator."""

    def close(self) -> None: ...


class VisibleRobot(ProblemRobot, Protocol):
    """A robot that can be rendered."""

    def render(self) -> npt.NDArray[np.uint8]:
        """Returns an image (h, w, 3). Raises RuntimeError when rendering is not possible here."""


class Problem(Protocol):
    """A problem to learn in process: a task of zprl or a Gymnasium environment."""

    @property
    def name(self) -> str: ...

    @property
    def observation(self) -> ObservationSpec: ...

    @property
    def action(self) -> ActionSpec: ...

    @property
    def numbers(self) -> dict[str, Any]:
        """The properties that the run's config records."""

    def check(self, seed: int) -> None:
        """Raises ValueError when demonstrations cannot be recorded, or the run `seed` cannot reset."""

    def record(
        self, recipe: Recipe, seed: int, progress: Callable[[int, int], None], folder: Path, codec: Codec
    ) -> Demos:
        """Records successful demonstrations; `progress` gets the numbers of kept and tried ones.

        Images are written as videos into `folder`.
        """

    def robot(self) -> ProblemRobot:
        """Returns a robot in deployment."""

    def visible_robot(self) -> VisibleRobot | None:
        """Returns a robot for videos; None if the problem cannot be rendered."""
