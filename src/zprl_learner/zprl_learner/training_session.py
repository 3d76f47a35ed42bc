"""A learning session stores transitions, updates within its budget, and saves checkpoints. No ROS."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from zprl.checkpoints.base_demos import load_demos
from zprl.checkpoints.checkpoint import load_base, pack_actor
from zprl.checkpoints.fingerprint import short
from zprl.checkpoints.origin import read_origin
from zprl.checkpoints.run_folder import RunFolder
from zprl.delivery.durable_learner import DurableLearner, Intake
from zprl.rl.learner import Learner
from zprl.rl.steering import make_steering, steering_text
from zprl.training.finetune import demo_replay, problem_size
from zprl.training.metrics_log import MetricsLog
from zprl.training.statistics import SuccessRate
from zprl_core.errors import CheckpointError, quoted
from zprl_learner.settings import LearnerSettings

SPEED_CALLS = 10  # calls over which the speed is measured; the node makes one every few seconds


@dataclass(frozen=True)
class Weights:
    """A numbered set of actor weights."""

    actor_version: int
    updates: int
    env_steps: int
    data: bytes  # safetensors


class TrainingSession:
    """Learner, metrics and checkpoints of one run, resumed from the end of its record.

    Raises CheckpointError without a base, RecordError when the record cannot be used.
    """

    def __init__(self, settings: LearnerSettings):
        self.settings = settings
        base = load_base(settings.base)
        learned = settings.task, settings.preset, settings.steering, settings.flow_noise
        self.origin = read_origin(settings.base, *learned)
        self.fingerprint = self.origin.base
        self.folder = RunFolder(Path(settings.run_folder))
        size = problem_size(base, make_steering(base, settings.steering))
        demos = load_demos(settings.base) if settings.learner.demo_share > 0 else None
        self.learner = Learner(size, settings.learner, settings.seed, demo_replay(base, settings.learner, demos))
        self.slow = self.learner.compile() if settings.compiled else ""  # why updates are slower than they could be
        self.paused = False
        self._troubles: dict[str, str] = {}  # outputs that cannot be written, with reasons
        folder, every = self.folder, settings.publish_every
        self.durable_learner = DurableLearner(
            settings.run, self.learner, folder.record, folder.actor, every, self.origin, settings.until
        )
        self.speed = Speed(self.learner)
        try:
            self._metrics = MetricsLog(self.folder.metrics, self.durable_learner.ended)
        except BaseException:
            self.durable_learner.close()  # another attempt must find the record unlocked
            raise
        self.durable_learner.ended.clear()
        self._saved_s = time.monotonic()

    @property
    def due(self) -> bool:
        """True if an update may be done now."""
        return not self.paused and self.learner.due > 0

    def take(self, messages: Sequence[bytes]) -> Intake:
        """Store the new ones of the messages, and count the episodes that ended.

        A full disk is reported; the journals send again what could not be stored.
        """
        intake = Intake()

        def offer() -> None:
            nonlocal intake
            intake = self.durable_learner.offer(messages)

        self._guard("record", offer)
        for ended in self.durable_learner.ended:
            self._guard("episodes", partial(self._metrics.episode, ended))
        self.durable_learner.ended.clear()
        return intake

    def update(self) -> Weights | None:
        """Do one update if the budget allows it. Returns new weights when publishing is due.

        No weights are returned while the record cannot be written: a restarted learner must know what was published.
        """
        if not self.due:
            return None
        self.learner.update()
        if self.learner.sac.updates % self.settings.publish_every or not self._guard(
            "record", self.durable_learner.mark
        ):
            return None
        return self.weights()

    def journal_mismatch(self, run: str, robot: str, base: str) -> str:
        """Return why a robot's journal is not for this learner; "" if it is.

        `base`: fingerprint of the base that its transitions were made with; "" if it does not say.
        """
        if run != self.settings.run:
            return f"a journal of run {run!r} came to run {self.settings.run!r}"
        if base and base != self.fingerprint:
            return (
                f"robot {quoted(robot)!r} has transitions of base {quoted(short(base))}, this learner's base is "
                f"{short(self.fingerprint)}; start policy and learner with the same base"
            )
        return ""

    def weights(self) -> Weights:
        """The current actor as weights."""
        learner, actor_version = self.learner, self.durable_learner.actor_version
        metadata = {
            "run": self.settings.run,
            "number": str(actor_version),
            "updates": str(learner.sac.updates),
            "env_steps": str(learner.env_steps),
            "base": self.fingerprint,
            "steering": steering_text(self.settings.steering.steer, learner.size.scale),
            "flow_noise": self.settings.flow_noise.text,
        }
        data = pack_actor(learner.sac.actor, metadata)
        return Weights(actor_version, learner.sac.updates, learner.env_steps, data)

    def row(self) -> None:
        """Write a row of metrics."""
        statistics = self.durable_learner.statistics
        rate = SuccessRate(sum(statistics.recent), len(statistics.recent)).rate
        speed = self.speed.measure()
        self._guard("metrics", lambda: self._metrics.row(self.learner, statistics.episodes, rate, *speed))

    def save_if_due(self) -> None:
        """Write a checkpoint if one is due."""
        if time.monotonic() - self._saved_s > self.settings.checkpoint_every_s:
            self.save()

    def save(self) -> None:
        """Write a checkpoint now. A full disk is reported, and earlier checkpoints stay."""
        self._guard("checkpoint", self.durable_learner.save)
        self._saved_s = time.monotonic()

    def close(self) -> None:
        """Write a last checkpoint and close the files."""
        self.save()
        self.durable_learner.close()
        self._guard("metrics", self._metrics.close)

    @property
    def trouble(self) -> str:
        """The reasons why outputs cannot be written; "" if there are none."""
        return "; ".join(self._troubles.values())

    def _guard(self, what: str, write: Callable[[], object]) -> bool:
        """Try to write; returns success. A failure is reported until a later write succeeds."""
        try:
            write()
        except (CheckpointError, OSError) as error:
            self._troubles[what] = str(error)
            return False
        self._troubles.pop(what, None)
        return True


class Speed:
    """Measures control steps and updates per wall second over the last calls, which even out waits between episodes."""

    def __init__(self, learner: Learner, clock: Callable[[], float] = time.monotonic):
        self.learner, self._clock = learner, clock
        self.steps_per_s = self.updates_per_s = 0.0
        self._seen = deque([self._now()], maxlen=SPEED_CALLS)

    def measure(self) -> tuple[float, float]:
        """Returns control steps per second and updates per second."""
        (then, steps_then, updates_then), (now, steps, updates) = self._seen[0], self._now()
        self._seen.append((now, steps, updates))
        elapsed = max(now - then, 1e-6)
        self.steps_per_s, self.updates_per_s = (steps - steps_then) / elapsed, (updates - updates_then) / elapsed
        return self.steps_per_s, self.updates_per_s

    def _now(self) -> tuple[float, int, int]:
        return self._clock(), self.learner.env_steps, self.learner.sac.updates
