"""Turns episode events and messages into one bag per episode. No ROS."""

import re
import shutil
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from zprl_core import topic_names
from zprl_core.bags.bag_images import BagImages
from zprl_core.bags.bag_topic import BagTopic
from zprl_core.episode_event import EpisodeEvent, EpisodeEventKind
from zprl_core.errors import remedy
from zprl_episodes.recording.bag_thread import MB, BagThread, Begin, End, NewPack, Received
from zprl_episodes.recording.latched_messages import LatchedMessages
from zprl_episodes.recording.settings import RecorderSettings

MOST_EARLY = 20_000  # messages that are kept from before an episode
ODD = re.compile(r"[^A-Za-z0-9.-]+")


@dataclass(frozen=True)
class _Ending:
    """The end of the episode, whose last messages are still to come."""

    event: EpisodeEvent
    due_s: float  # when nothing more is expected
    until_ns: int  # reception of the last messages that belong to the episode


class EpisodeRecorder:
    """Records from a little before the start of an episode to a little after its end. Times [s] are monotonic.

    A topic whose publisher repeats its last message for late subscribers has that message in every bag; /tf_static has
    those of all its publishers.
    """

    def __init__(
        self,
        settings: RecorderSettings,
        topics: tuple[str, ...],
        log: Callable[[str], None],
        new_pack: NewPack | None = None,
    ):
        """`topics`: full names of the topics that every bag needs. `new_pack` is called on the thread that writes.

        Raises ValueError without a folder or for two topics that would have one name, OSError on a disk error.
        """
        if not settings.folder:
            raise ValueError("folder is empty; give the folder for the bags")
        _check_names(settings.images, topics)
        self.settings, self.folder = settings, Path(settings.folder).expanduser()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.bag = ""  # name of the bag that is recorded
        self.discarded = 0  # episodes whose bag was removed
        self._topics, self._log = topics, log
        self._thread = BagThread(settings.flush_s, settings.queue_mb, log, new_pack)
        self._early: deque[Received] = deque(maxlen=MOST_EARLY)
        self._latched = LatchedMessages()
        self._known: set[str] = set()
        self._unheard = set(topics)
        self._names: set[str] = set()  # of the bags so far, whose folders may be still to come
        self._ending: _Ending | None = None
        self._quiet = self._passed = False  # no message since the last step; one came from after the end

    @property
    def problem(self) -> str:
        """The reason why the last bag could not be written; "" if it could."""
        return self._thread.problem

    @property
    def full(self) -> str:
        """The reason why the disk has no room for a bag; "" if it has."""
        try:
            free_mb = shutil.disk_usage(self.folder).free / MB
        except OSError as error:
            return f"the folder for bags cannot be used: {error}; {remedy(error)}"
        if free_mb >= self.settings.min_free_mb:
            return ""
        return (
            f"no bag can be recorded: the disk of {self.folder} has {free_mb:.0f} MB free, an episode starts with at "
            f"least {self.settings.min_free_mb:g} MB (min_free_mb); free some disk space"
        )

    @property
    def kept(self) -> int:
        """Number of complete bags."""
        return self._thread.kept

    @property
    def dropped(self) -> int:
        """Number of messages that were dropped because `slow` was too slow."""
        return sum(self._thread.dropped.values())

    @property
    def slow(self) -> str:
        """Says what messages wait for."""
        return self._thread.slow

    @property
    def hears(self) -> bool:
        """True once a message of each needed topic has arrived: only then do all publishers know the subscriptions."""
        return not self._unheard

    def add_topic(self, topic: BagTopic, latched: bool) -> None:
        """Makes a topic known. `latched`: its publisher repeats the last message for late subscribers."""
        self._known.add(topic.name)
        if latched:
            self._latched.add_topic(topic.name)
        self._thread.put(topic)

    def receive(self, message: Received) -> None:
        """Records a message of a known topic, at once or when an episode starts soon."""
        self._quiet = False
        self._unheard.discard(message.topic)
        self._latched.take(message)
        if self.bag and self._ending is None:
            self._thread.put(message)
            return
        if self._ending is not None and message.received_ns <= self._ending.until_ns:
            self._thread.put(message)
        elif self._ending is not None:
            self._passed = True
        self._early.append(message)  # after the end of an episode the next one may start at any moment
        oldest_ns = message.received_ns - round(self.settings.before_s * 1e9)  # as a float it would be 100 ns off
        while self._early[0].received_ns < oldest_ns:
            self._early.popleft()

    def on_event(self, event: EpisodeEvent, received_ns: int, wall: datetime, now_s: float) -> None:
        """Starts a bag, or schedules its end. `received_ns`: as of the messages."""
        if event.kind != EpisodeEventKind.STARTED:
            if self.bag and self._ending is None:
                self._early.clear()
                after_s = self.settings.after_s
                self._ending = _Ending(event, now_s + after_s, received_ns + round(after_s * 1e9))
            return
        if self.bag:
            self._end()
        self._begin(event, wall)

    def step(self, now_s: float) -> None:
        """Ends a bag that is due, once no message of the episode waits to be received."""
        if self._ending is not None and now_s >= self._ending.due_s and (self._quiet or self._passed):
            self._end()
        self._quiet = True

    def stop(self) -> None:
        """Ends the bag of a running episode, which is complete but for its label."""
        if self.bag:
            self._end()

    def close(self) -> None:
        """Ends the recording, once everything is on the disk."""
        self.stop()
        self._thread.close()

    def _begin(self, event: EpisodeEvent, wall: datetime) -> None:
        self.bag = self._free_name(event, wall)
        missing = [topic for topic in self._topics if topic not in self._known]
        if missing:
            self._log(f"{self.bag} misses {', '.join(missing)}: no node publishes them")
        self._thread.put(Begin(self.folder / self.bag, self._metadata(event, wall)))
        self._put_latched()
        while self._early:
            self._thread.put(self._early.popleft())

    def _put_latched(self) -> None:
        """Records the messages that were published before, as received at the start of the bag."""
        early = {id(message) for message in self._early}
        for message in self._latched:
            if id(message) not in early:
                received_ns = self._early[0].received_ns if self._early else message.received_ns
                self._thread.put(replace(message, received_ns=received_ns))

    def _end(self) -> None:
        ending, self._ending, self.bag, self._passed = self._ending, None, "", False
        event = ending.event if ending is not None else None
        keep = event is None or event.kind != EpisodeEventKind.DISCARDED or self.settings.keep_discarded
        self.discarded += not keep
        self._thread.put(End({} if event is None else _outcome(event), keep))

    def _metadata(self, event: EpisodeEvent, wall: datetime) -> Mapping[str, str]:
        s = self.settings
        return {
            "task": s.task,
            "robot": s.robot,
            "episode": str(event.episode),
            "started_ns": str(event.stamp_ns),
            "recorded": wall.isoformat(timespec="seconds"),
            "note": s.note,
            "images": s.images.value,
            "configuration": s.configuration,
        }

    def _free_name(self, event: EpisodeEvent, wall: datetime) -> str:
        task = ODD.sub("_", self.settings.task) or "episode"
        stem = f"{task}_{wall.astimezone(UTC):%Y%m%dT%H%M%SZ}_{event.episode:06d}"
        name, k = stem, 1
        while name in self._names or (self.folder / name).exists():
            name, k = f"{stem}_{k}", k + 1
        self._names.add(name)
        return name


def _check_names(images: BagImages, topics: tuple[str, ...]) -> None:
    """Raises ValueError when a recorded topic has the name that compressed images would get."""
    forms = [topic_names.compressed_of] if images != BagImages.RAW else []
    forms += [topic_names.video_of] if images == BagImages.H264 else []
    both = [(topic, form(topic)) for topic in topics for form in forms if form(topic) in topics]
    if both:
        topic, name = both[0]
        raise ValueError(
            f"images of {topic} would be recorded on {name}, which is recorded too: remove {name} from the topics, "
            f"or choose images {BagImages.RAW.value}"
        )


def _outcome(event: EpisodeEvent) -> Mapping[str, str]:
    return {
        "label": event.kind.name.lower(),
        "ended_ns": str(event.stamp_ns),
        "steps": str(event.steps),
        "reward": f"{event.reward:g}",
        "source": event.source,
        "reason": event.reason,
    }
