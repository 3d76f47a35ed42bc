"""A recorder of episodes, driven message by message."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from zprl_core.bags.bag_reader import bag_file
from zprl_core.bags.bag_topic import BagTopic
from zprl_core.episode_event import EpisodeEvent, EpisodeEventKind
from zprl_episodes.recording.bag_thread import Received
from zprl_episodes.recording.episode_recorder import EpisodeRecorder
from zprl_episodes.recording.settings import RecorderSettings

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
STATE, MODEL = BagTopic("/state", "a/msg/State", "int32 x\n"), BagTopic("/model", "a/msg/Model", "string x\n")
S = 1_000_000_000


class Recording:
    """A recorder, and messages every 0.1 s on /state."""

    def __init__(self, folder: Path, **settings: Any):
        self.said: list[str] = []
        given = {"folder": str(folder / "bags"), "task": "pick up", "topics": ("/state", "/model"), **settings}
        self.folder = folder / "bags"
        self.recorder = EpisodeRecorder(RecorderSettings(**given), ("/state", "/model"), self.said.append)
        self.recorder.add_topic(STATE, latched=False)
        self.recorder.add_topic(MODEL, latched=True)
        self.now_s = 0.0
        self.recorder.receive(Received("/model", b"the arm", 1, 1))

    def states(self, count: int, data: bytes = b"1234") -> None:
        for _ in range(count):
            self.now_s = round(self.now_s + 0.1, 1)
            at = round(self.now_s * S)
            self.recorder.receive(Received("/state", data, at, at - 1))
            self.recorder.step(self.now_s)

    def event(self, kind: EpisodeEventKind, episode: int = 3) -> None:
        event = EpisodeEvent(kind, round(self.now_s * S), episode, float(kind == EpisodeEventKind.SUCCESS), 40)
        self.recorder.on_event(event, round(self.now_s * S), NOON, self.now_s)

    def episode(self, kind: EpisodeEventKind, number: int = 3) -> None:
        self.event(EpisodeEventKind.STARTED, number)
        self.states(10)
        self.event(kind, number)
        self.states(3)

    def bags(self) -> list[Path]:
        self.recorder.close()
        return sorted(self.folder.iterdir())


def times(bag: Path, topic: str = "/state") -> list[float]:
    return [round(m.received_ns / S, 1) for m in bag_file(bag).messages((topic,))]


def wait_for(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + 600.0
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)
