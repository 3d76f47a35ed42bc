"""A learning session: what arrives is stored, updates stay within their budget, what was learned is kept. No ROS."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from zprl.checkpoint import CheckpointError, fingerprint, load_base, pack_actor
from zprl.finetune import problem_size
from zprl.learner import Learner
from zprl.metrics import MetricsLog
from zprl.resume import load_learner, save_learner
from zprl.run_folder import RunFolder
from zprl.statistics import SuccessRate
from zprl.steering import steering_of
from zprl.transition import Transition
from zprl_learner.settings import LearnerSettings


@dataclass(frozen=True)
class Weights:
    """A numbered set of actor weights."""

    number: int
    updates: int
    data: bytes  # safetensors


@dataclass(frozen=True)
class Ended:
    """An episode that ended."""

    robot: str
    episode: int
    outcome: str  # SUCCESS, FAILURE or TIMEOUT
    steps: int
    reward: float


class Session:
    """Learner, metrics and checkpoints of one run."""

    def __init__(self, settings: LearnerSettings):
        self.settings = settings
        base = load_base(settings.base)
        self.fingerprint = fingerprint(base)
        self.folder = RunFolder(Path(settings.run_folder))
        size = problem_size(base, steering_of(base, settings.steering))
        self.learner = Learner(size, settings.learner, settings.seed)
        self.number = 0
        self.episodes = self.successes = 0
        self.rejected = 0
        self.last_rejection = ""
        self.trouble = ""  # why the last checkpoint or row could not be written
        self.recent: deque[bool] = deque(maxlen=50)
        if settings.resume and (self.folder.actor / "checkpoint.json").exists():
            self.number = load_learner(self.folder.actor, self.learner)
        self.speed = Speed(self.learner)
        self._metrics = MetricsLog(self.folder.metrics)
        self._saved_s = time.monotonic()

    def add(self, transition: Transition) -> None:
        """Store one transition."""
        self.learner.add(transition)

    def reject(self, reason: str) -> None:
        """Count what is not stored, and why."""
        self.rejected += 1
        self.last_rejection = reason

    def end(self, episode: Ended) -> None:
        """Note how an episode ended."""
        self.episodes += 1
        success = episode.outcome == "SUCCESS"
        self.successes += success
        self.recent.append(success)
        self._guard(
            lambda: self._metrics.episode(
                episode.episode,
                episode.robot,
                self.learner.env_steps,
                episode.outcome,
                episode.steps,
                episode.reward,
            )
        )

    def update(self) -> Weights | None:
        """One update if the budget allows it; the new weights when it is time to publish."""
        if self.learner.due <= 0:
            return None
        self.learner.update()
        if self.learner.sac.updates % self.settings.publish_every:
            return None
        self.number += 1
        return self.weights()

    def weights(self) -> Weights:
        """The actor as it is now."""
        return Weights(self.number, self.learner.sac.updates, pack_actor(self.learner.sac.actor))

    def row(self) -> None:
        """A row of metrics."""
        rate = SuccessRate(sum(self.recent), len(self.recent)).rate
        speed = self.speed.measure()
        self._guard(lambda: self._metrics.row(self.learner, self.episodes, rate, *speed))

    def save_if_due(self) -> None:
        """Checkpoint on the clock."""
        if time.monotonic() - self._saved_s > self.settings.checkpoint_every_s:
            self.save()

    def save(self) -> None:
        """Checkpoint now. A full disk is reported, and what was there stays."""
        self._guard(lambda: save_learner(self.folder.actor, self.learner, self.number))
        self._saved_s = time.monotonic()

    def close(self) -> None:
        """Keep everything."""
        self.save()
        self._metrics.close()

    def _guard(self, write: Callable[[], None]) -> None:
        try:
            write()
            self.trouble = ""
        except (CheckpointError, OSError) as error:
            self.trouble = str(error)


class Speed:
    """Control steps and updates per wall second, since the last time it was asked."""

    def __init__(self, learner: Learner):
        self.learner = learner
        self.steps_per_s = self.updates_per_s = 0.0
        self._before = (time.monotonic(), learner.env_steps, learner.sac.updates)

    def measure(self) -> tuple[float, float]:
        """(control steps per s, updates per s)"""
        now, (then, steps, updates) = time.monotonic(), self._before
        elapsed = max(now - then, 1e-6)
        self.steps_per_s = (self.learner.env_steps - steps) / elapsed
        self.updates_per_s = (self.learner.sac.updates - updates) / elapsed
        self._before = (now, self.learner.env_steps, self.learner.sac.updates)
        return self.steps_per_s, self.updates_per_s
