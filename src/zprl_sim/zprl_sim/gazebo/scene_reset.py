"""Resets a scene in Gazebo: requests new poses of the objects, and waits until Gazebo shows them. No ROS.

Gazebo's service answers when it has queued a pose, not when the object is there. So a reset is done when the poses
that Gazebo publishes have arrived after the request and are near the requested ones.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from zprl_core.observation import Pose
from zprl_core.seeds import scene_seed
from zprl_sim.gazebo.seen_scene import Sighting
from zprl_sim.tasks.task import SceneObject, Task

NEAR_M = 0.01  # greatest distance of an object from its requested position
ANSWER_S = 5.0  # within which Gazebo must show the objects there
QUIET_S = 2.0  # a reset that is not requested again within this time was abandoned


@dataclass(frozen=True)
class Answer:
    """The response to a request."""

    success: bool
    message: str
    pending: bool = False  # request again with the same seed


@dataclass
class _Running:
    seed: int
    wanted: dict[str, Pose]
    began_s: float
    asked_s: float  # time of the newest request
    refused: str = ""  # why Gazebo does not move an object


class SceneReset:
    """One reset at a time. The same seed gives the same scene as in MuJoCo."""

    def __init__(self, task: Task, deployed: bool, seed: int, place: Callable[[str, Pose], None]):
        """`seed`: of the scenes drawn by resets without a seed. `place`: requests a pose of an object from Gazebo."""
        self._objects = [thing for thing in task.things if isinstance(thing, SceneObject)]
        self._regions = {t.name: t.place if deployed else task.demo_region[t.name] for t in self._objects}
        self._rng = np.random.default_rng(scene_seed(seed))
        self._place = place
        self._running: _Running | None = None

    def request(self, seed: int, seen: Mapping[str, Sighting], now_s: float) -> Answer:
        """Start a reset, or answer how far the running one is. `seed` < 0: a scene of the own generator."""
        running = self._running
        if running is None or running.seed != seed or now_s - running.asked_s > QUIET_S:
            return self._start(seed, now_s)
        running.asked_s = now_s
        if running.refused:
            return self._end(running.refused)
        away = [name for name, pose in running.wanted.items() if not _there(pose, seen.get(name), running.began_s)]
        if not away:
            return self._end("")
        if now_s - running.began_s > ANSWER_S:
            return self._end(
                f"Gazebo has not moved {', '.join(away)} within {ANSWER_S:g} s; check that it runs and is not paused, "
                "and see its log"
            )
        return Answer(False, f"Gazebo moves {', '.join(away)}", pending=True)

    def refuse(self, why: str) -> None:
        """Process that Gazebo does not move an object."""
        if self._running is not None:
            self._running.refused = why

    def _start(self, seed: int, now_s: float) -> Answer:
        if seed >= 0:
            self._rng = np.random.default_rng(seed)
        wanted = {thing.name: self._regions[thing.name].sample(self._rng, thing.z) for thing in self._objects}
        self._running = _Running(seed, wanted, now_s, now_s)
        for name, pose in wanted.items():
            self._place(name, pose)
        return Answer(False, f"Gazebo moves {', '.join(wanted)}", pending=True)

    def _end(self, failure: str) -> Answer:
        self._running = None
        return Answer(not failure, failure)


def _there(wanted: Pose, seen: Sighting | None, began_s: float) -> bool:
    return seen is not None and seen.seen_s > began_s and math.dist(seen.pose.position, wanted.position) <= NEAR_M
