"""Finetuning in process: one robot, one pilot, one learner, one thread. The ROS graph does the same in three."""

from collections import deque
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

from zprl.episode import Episode, Robot, play
from zprl.generator import Generator, freeze
from zprl.learner import Learner, ProblemSize
from zprl.pilot import Mode, Pilot
from zprl.presets import FinetuneConfig
from zprl.steering import Steering, steering_of

TRAINING_SEEDS = 10_000  # seeds of one run's resets: seed * this + episode, below HELD_OUT


def problem_size(base: Generator, steering: Steering) -> ProblemSize:
    """What the learner must know of a base and of what is steered."""
    return ProblemSize(base.encoder.size, base.config.latent, steering.size, steering.scale)


def make_pilot(base: Generator, config: FinetuneConfig, mode: Mode, seed: int) -> Pilot:
    """A pilot of `base` that steers what `config` says."""
    steering = steering_of(base, config.steering)
    return Pilot(base, steering, mode, config.exploration, config.learner.sac.discount, seed)


def make_learner(base: Generator, config: FinetuneConfig, seed: int) -> Learner:
    """A learner for `base` that steers what `config` says."""
    return Learner(problem_size(base, steering_of(base, config.steering)), config.learner, seed)


@dataclass
class InProcess:
    """A run without ROS: `episode()` plays one and does every update that it pays for."""

    robot: Robot
    pilot: Pilot
    learner: Learner
    publish_every: int
    seed: int = 0

    def __post_init__(self) -> None:
        self.number = 0
        self.episodes = 0
        self.recent: deque[bool] = deque(maxlen=50)

    def episode(self) -> Episode:
        """Play an episode, then learn. Weights change only between chunks, as in the graph."""
        played = play(self.robot, self.pilot, self.seed * TRAINING_SEEDS + self.episodes, self.episodes)
        self.episodes += 1
        self.recent.append(played.success)
        for transition in self.pilot.take():
            self.learner.add(transition)
        while self.learner.due > 0:
            self.learner.update()
            if self.learner.sac.updates % self.publish_every == 0:
                self.publish()
        return played

    def resume(self, number: int) -> None:
        """Go on from a restored learner whose last weights had this number."""
        self.number = number - 1
        self.publish()

    def publish(self) -> None:
        """Hand a frozen copy of the actor to the pilot."""
        self.number += 1
        actor = deepcopy(self.learner.sac.actor)
        freeze(actor)
        self.pilot.load(actor, self.number)


def finetune(run: InProcess, env_steps: int, progress: Callable[[InProcess, Episode], None]) -> None:
    """Play and learn until `env_steps` control steps have been stored."""
    while run.learner.env_steps < env_steps:
        progress(run, run.episode())
