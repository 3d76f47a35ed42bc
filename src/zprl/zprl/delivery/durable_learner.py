"""A learner whose state is on disk: its next step depends on nothing else.

Every transition is in the record before the learner sees it, together with the number of updates done by then. A
restarted learner replays the record from the newest checkpoint, update by update. So it is bit for bit (on a CPU) the
one that died, and weights published under a number are the ones published before.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from zprl.checkpoints.learner_checkpoint import Counters, load_learner, save_learner
from zprl.checkpoints.origin import Origin
from zprl.checkpoints.rotation import load_newest, save_next
from zprl.checkpoints.saved_origin import check_learner_origin, keep_origin
from zprl.delivery import replay_log
from zprl.delivery.episode_statistics import EpisodeResult, EpisodeStatistics
from zprl.delivery.replay_log import ReplayLog
from zprl.delivery.segment import Stored, UpdateMark
from zprl.delivery.sequence_tracker import Receipt, SequenceTracker, Source
from zprl.delivery.transition_codec import Block, Decoder, Key, encode
from zprl.rl.learner import Learner
from zprl.rl.transition import Transition
from zprl_core.errors import RecordError
from zprl_core.id_bounds import MOST_AHEAD

IN_PROCESS = Source("robot", 0)  # the journal of a run without ROS
AT_ONCE = 1024  # transitions read from the record before they go into the replay
OUTCOME = ("episode", "steps", "reward", "terminated", "truncated", "intervention")  # fields for the episode statistics
MOST_UTD = 100  # largest allowed number of updates per transition
LOG = logging.getLogger(__name__)


@dataclass
class Refused:
    """Counts of refused messages, with the last reason."""

    duplicates: int = 0
    early: int = 0  # an earlier transition is missing; its journal sends both again
    unknown: int = 0  # of a journal that was not announced yet
    bad: int = 0  # malformed, not finite, of another size or another run
    reason: str = ""  # of the last bad one


@dataclass
class Intake:
    """The outcome of a batch of messages."""

    new: int = 0
    sources: set[Source] = field(default_factory=set)  # journals of the received messages
    gaps: set[Source] = field(default_factory=set)  # those of them with a missing transition


class DurableLearner:
    """Learner, record, sequence tracker and checkpoints of one run, for one process at a time."""

    def __init__(
        self,
        run: str,
        learner: Learner,
        folder: Path,
        actor: Path,
        publish_every: int,
        origin: Origin | None = None,
        until: float = 0.0,
    ):
        """Resume the run at the end of its record. `folder` holds the record, `actor` the checkpoints.

        `origin`: what both must have been made with; it is written into new ones. `until`: success rate that the
        statistics test; 0: none. Raises OriginError when record or checkpoints were made with another origin,
        RecordError if the record is damaged or in use by another learner.
        """
        self.run, self.learner, self.actor, self.publish_every = run, learner, actor, publish_every
        self.origin = origin
        self.sequences, self.statistics, self.refused = SequenceTracker(), EpisodeStatistics(until), Refused()
        self.ended: list[EpisodeResult] = []  # ended episodes that the caller has not taken yet
        self.raised = 0  # offset of the weight numbers above the number of updates
        self._decoder = Decoder(learner.size)
        self._marked = 0
        if origin is not None:
            check_learner_origin(folder, actor, origin)
        self._log = ReplayLog(folder)
        try:
            self._keep_origin(folder)
            self.missing = self._rebuild(folder)
        except BaseException:
            self._log.close()
            raise

    @property
    def actor_version(self) -> int:
        """Version of the newest weights, which are published every `publish_every` updates."""
        return self.raised + self.learner.sac.updates // self.publish_every

    @property
    def lost(self) -> int:
        """Number of transitions that robots have delivered and deleted, but that are not in this record."""
        return self.sequences.missing

    def on_version(self, actor_version: int) -> None:
        """Raise the next version above that of a policy's weights, even in a new record.

        An implausibly high number is refused.
        """
        if actor_version - self.actor_version > MOST_AHEAD:
            self.refuse(f"a policy reports weights {actor_version}, but {self.actor_version} were published; refused")
            return
        self.raised += max(0, actor_version - self.actor_version)

    def introduce(self, source: Source, first: int) -> None:
        """Register a journal that holds everything from `first` on. Raises ValueError if implausible."""
        self.sequences.introduce(source, first)

    def offer(self, messages: Sequence[bytes]) -> Intake:
        """Store the messages that are new transitions of this run durably, and add them to the replay.

        Raises RecordError on a disk error; nothing has changed then, and the journals still hold everything.
        """
        sequences, intake = self.sequences.copy(), Intake()
        messages, block = self._readable(messages)
        new = [i for i, key in enumerate(block.keys) if self._is_new(key, sequences, intake)]
        self._store([messages[i] for i in new])
        self.sequences = sequences
        self._learn_from(block.take(new))
        intake.new = len(new)
        return intake

    def take(self, transitions: Iterable[Transition]) -> None:
        """Store transitions of a run without ROS. Raises RecordError on a disk error."""
        first = self.sequences.next(IN_PROCESS)
        self.sequences.introduce(IN_PROCESS, first)
        keys = (Key(self.run, *IN_PROCESS, first + i) for i in range(1 << 62))
        self.offer([encode(key, t) for t, key in zip(transitions, keys, strict=False)])

    def mark(self) -> None:
        """Record the number of updates, before weights are published. Raises RecordError."""
        self._store([])

    def save(self) -> None:
        """Write a checkpoint. Raises CheckpointError or RecordError on a disk error."""
        self.mark()
        save_next(self.actor, lambda path: save_learner(path, self.learner, self.actor_version, self.origin))

    def close(self) -> None:
        self._log.close()

    def refuse(self, reason: str) -> None:
        """Count a message that is invalid or of another run."""
        self.refused.bad += 1
        self.refused.reason = reason

    def _keep_origin(self, folder: Path) -> None:
        if self.origin is not None:
            for name, path in (("record", folder), ("actor", self.actor)):
                if warning := keep_origin(path, self.origin, name):
                    LOG.warning(warning)

    def _readable(self, messages: Sequence[bytes]) -> tuple[Sequence[bytes], Block]:
        """The transitions with this run's sizes, as bytes and decoded. The others are refused."""
        try:
            return messages, self._decoder.block(messages)
        except ValueError:
            good = [data for data in messages if self._is_readable(data)]
            return good, self._decoder.block(good)

    def _is_readable(self, data: bytes) -> bool:
        try:
            self._decoder.decode(data)
        except ValueError as error:
            self.refuse(str(error))
            return False
        return True

    def _is_new(self, key: Key, sequences: SequenceTracker, intake: Intake) -> bool:
        """Decide whether to store a transition, and update `sequences`."""
        refused = self.refused
        if key.run != self.run:
            self.refuse(f"a transition of run {key.run!r} arrived at run {self.run!r}")
            return False
        source = Source(key.robot, key.journal)
        receipt = sequences.classify(source, key.sequence)
        intake.sources.add(source)
        if receipt == Receipt.NEW:
            sequences.mark_stored(source, key.sequence)
            return True
        refused.duplicates += receipt == Receipt.DUPLICATE
        if receipt == Receipt.EARLY:
            refused.early += 1
            intake.gaps.add(source)
        refused.unknown += receipt == Receipt.UNKNOWN
        return False

    def _store(self, messages: Sequence[bytes]) -> None:
        updates = self.learner.sac.updates
        mark = [UpdateMark(updates)] if updates != self._marked else []
        if mark or messages:
            self._log.write([*mark, *map(Stored, messages)])
            self._marked = updates

    def _learn_from(self, block: Block) -> None:
        self.learner.extend(block.columns)
        outcomes = zip(*(block.columns[name].tolist() for name in OUTCOME), strict=True)
        for key, outcome in zip(block.keys, outcomes, strict=True):
            ended = self.statistics.step(key.robot, *outcome)
            if ended is not None:
                self.ended.append(ended)

    def _restore(self, messages: Sequence[bytes]) -> None:
        try:
            block = self._decoder.block(messages)
        except ValueError as error:
            raise RecordError(f"the record of {self.run!r} does not fit this run: {error}") from None
        first = [i for i, key in enumerate(block.keys) if self._is_first(key)]
        self._learn_from(block if len(first) == len(block.keys) else block.take(first))

    def _is_first(self, key: Key) -> bool:
        """Count a transition of the record. False for a duplicate, as after files were merged."""
        source = Source(key.robot, key.journal)
        if key.sequence < self.sequences.next(source):
            return False
        self.sequences.mark_stored(source, key.sequence)
        return True

    def _catch_up(self, updates: int) -> None:
        """Repeat the updates of a mark. Raises RecordError for an impossible number."""
        learner = self.learner
        if updates > MOST_UTD * learner.replay.added:
            raise RecordError(
                f"the record of {self.run!r} has {updates} updates after {learner.replay.added} transitions: it is "
                "damaged; restore it from a copy, or give this run another name"
            )
        while learner.sac.updates < updates:
            learner.update()

    def _rebuild(self, folder: Path) -> int:
        """Replay the record from its start. Returns the number of checkpointed transitions that the record lacks."""
        learner = self.learner
        found = load_newest(self.actor, lambda path: load_learner(path, learner), LOG.warning) or Counters()
        waiting: list[bytes] = []  # transitions without an update to repeat between them
        for entry in replay_log.read(folder):
            if isinstance(entry, Stored):
                waiting.append(entry.data)
            if len(waiting) == AT_ONCE or (isinstance(entry, UpdateMark) and entry.updates > learner.sac.updates):
                self._restore(waiting)
                waiting = []
            if isinstance(entry, UpdateMark) and learner.sac.updates < entry.updates:
                self._catch_up(entry.updates)
        self._restore(waiting)
        self._marked = learner.sac.updates
        self.raised = max(0, found.actor_version - found.updates // self.publish_every)
        return max(0, found.added - learner.replay.added)
