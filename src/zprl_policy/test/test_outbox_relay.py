"""The courier: nothing is published before it is on the disk, and a journal that cannot be written stops the robot."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from zprl.delivery.journal import Journal
from zprl.delivery.outbox import Acknowledgement, Outbox
from zprl.delivery.transition_codec import decode
from zprl.rl.config import ProblemSize
from zprl.rl.transition import LatentState, Transition
from zprl_policy import outbox_relay
from zprl_policy.outbox_relay import JournalState, OutboxRelay


def transition(k: int, size: int = 3) -> Transition:
    def situation() -> LatentState:
        return LatentState(*(np.full(n, k, np.float32) for n in (size, 2, 2, 2)))

    return Transition(situation(), np.zeros(2, np.float32), 0.0, 2, False, False, situation())


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 600
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class Post:
    """What a courier sent and said."""

    def __init__(self, folder: Path, limit_bytes: int = 1 << 30):
        self.sent: list[bytes] = []
        self.said: list[JournalState] = []
        self.journal = Journal(folder / "j.sqlite")
        self.relay = OutboxRelay(Outbox(self.journal, "run", "robot"), limit_bytes, self.send, self.said.append)

    def send(self, data: bytes) -> None:
        assert self.journal.next > decode(data, ProblemSize(3, 2, 2, 1.0)).key.sequence  # it is on the disk
        self.sent.append(data)


def test_transitions_are_kept_sent_and_forgotten(tmp_path: Path) -> None:
    post = Post(tmp_path)
    post.relay.put([transition(k) for k in range(5)])
    until(lambda: len(post.sent) == 5)
    assert post.relay.backlog == 5
    post.relay.on_acknowledgement(Acknowledgement(post.journal.number, 5))
    until(lambda: post.relay.backlog == 0)
    until(lambda: bool(post.said) and post.said[-1].first == 5)
    post.relay.close()


def test_a_learner_that_stores_nothing_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_relay, "FIRST_S", 0.1)
    post = Post(tmp_path)
    post.relay.put([transition(k) for k in range(3)])
    until(lambda: bool(post.relay.waits))
    assert "no learner has stored the 3 newest" in post.relay.waits and "start the learner" in post.relay.waits
    post.relay.on_acknowledgement(Acknowledgement(post.journal.number, 3))
    until(lambda: not post.relay.waits)
    assert post.relay.trouble == ""
    post.relay.close()


def test_what_came_last_is_written_at_the_end(tmp_path: Path) -> None:
    post = Post(tmp_path)
    post.relay.put([transition(k) for k in range(50)])
    post.relay.close()
    assert Journal(tmp_path / "j.sqlite").next == 50


def test_a_full_journal_stops_the_robot_until_the_learner_has_it(tmp_path: Path) -> None:
    post = Post(tmp_path, limit_bytes=200_000)
    big = transition(0, size=3)
    post.relay.put([big] * 3000)
    until(lambda: "start the learner" in post.relay.trouble)
    post.relay.on_acknowledgement(Acknowledgement(post.journal.number, 3000))
    until(lambda: post.relay.trouble == "")
    post.relay.close()


def test_a_full_disk_stops_the_robot_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    post = Post(tmp_path)
    post.relay.put([transition(0)])
    until(lambda: len(post.sent) == 1)
    pages = post.journal._db.execute("PRAGMA page_count").fetchone()[0]
    post.journal._db.execute(f"PRAGMA max_page_count = {pages}")
    post.relay.put([transition(k) for k in range(1, 200)])
    until(lambda: "free some disk space" in post.relay.trouble)
    assert post.relay.backlog == 200
    post.journal._db.execute("PRAGMA max_page_count = 1000000")
    until(lambda: post.relay.trouble == "" and len(post.sent) == 200)
    post.relay.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_courier_that_breaks_down_stops_the_robot(tmp_path: Path) -> None:
    """Otherwise it would drive on, and nothing of it would be kept."""
    post = Post(tmp_path)

    def broken() -> None:
        raise RuntimeError("the topic is gone")

    post.relay.later(broken)
    until(lambda: "the topic is gone" in post.relay.trouble)
    post.relay.close()
