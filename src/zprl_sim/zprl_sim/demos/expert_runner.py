"""Plays the scripted expert episode by episode on observations from outside. No ROS."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from zprl_core.action import ArmTarget
from zprl_core.arm_action import CartesianAction
from zprl_core.config.metadata import SEEDS, Range, check_ranges
from zprl_core.episode_event import EpisodeEvent, EpisodeEventKind
from zprl_core.observation import Observation
from zprl_core.streams.stream_buffer import StreamBuffer, Unavailable
from zprl_sim.demos.expert import Expert
from zprl_sim.tasks.catalog import check_task
from zprl_sim.tasks.task import Task


@dataclass(frozen=True)
class ExpertSettings:
    """Field names are parameter names."""

    task: Annotated[str, "name of the task; zprl tasks lists them"] = "lift"
    robot: Annotated[str, "name of the robot that the expert moves"] = "robot"
    seed: Annotated[int, "seed of the expert's imperfections", SEEDS] = 0
    lowest_quality: Annotated[float, "quality of the worst episode; 1 is perfect", Range(0, 1)] = 0.0
    highest_quality: Annotated[float, "quality of the best episode", Range(0, 1)] = 1.0
    lockstep: Annotated[bool, "true: answer each state of the simulation; false: real time"] = True

    def __post_init__(self) -> None:
        check_task(self.task)
        check_ranges(self)
        if self.lowest_quality > self.highest_quality:
            raise ValueError("lowest_quality must not exceed highest_quality; swap them")


class ExpertRunner:
    """Answers each state of a running episode once, with a new demonstrator for each episode."""

    def __init__(self, task: Task, settings: ExpertSettings):
        """Raises ValueError for a task whose actions are joints, as the expert moves tools."""
        if not all(isinstance(arm.motion, CartesianAction) for arm in task.action.arms):
            raise ValueError(
                f"the expert moves the tool, and the actions of {task.name} are joints; choose another task"
            )
        self.task, self.settings = task, settings
        self.streams = StreamBuffer(task.observation)
        self.env_steps = 0
        self.waits = "no episode is running"  # why no command is sent; "" if one was sent
        self._rng = np.random.default_rng(settings.seed)
        self._expert: Expert | None = None
        self._started_ns = self._answered_ns = -1

    def on_event(self, event: EpisodeEvent) -> None:
        """Begins or ends a demonstration."""
        if event.kind != EpisodeEventKind.STARTED:
            self._expert, self.waits = None, "no episode is running"
            return
        quality = self._rng.uniform(self.settings.lowest_quality, self.settings.highest_quality)
        self._expert = Expert(self.task, quality, self._rng)
        self._started_ns, self._answered_ns = event.stamp_ns, -1

    def answer(self, stamp_ns: int) -> tuple[Observation, dict[str, ArmTarget]] | None:
        """Acts in lockstep, on the complete state of exactly this stamp."""
        return self._act(self.streams.at(stamp_ns))

    def tick(self, now_ns: int) -> tuple[Observation, dict[str, ArmTarget]] | None:
        """Acts in real time, on the newest samples."""
        return self._act(self.streams.newest(now_ns))

    def _act(self, seen: Observation | Unavailable | None) -> tuple[Observation, dict[str, ArmTarget]] | None:
        if self._expert is None:
            return None
        if not isinstance(seen, Observation):
            self.waits = seen.reason if seen is not None else "the state is not complete"
            return None
        if seen.stamp_ns < self._started_ns or seen.stamp_ns <= self._answered_ns:
            return None
        self._answered_ns = seen.stamp_ns
        action = self._expert.act(seen)
        self.env_steps += 1
        self.waits = ""
        return seen, self.task.action.targets(action, seen)
