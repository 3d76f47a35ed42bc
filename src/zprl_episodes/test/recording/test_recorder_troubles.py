"""A disk that is slow or full, and errors that are not expected: what an episode loses, and what is said."""

import errno
import shutil
import threading
from collections.abc import Callable
from typing import Any

import pytest

from recording import Recording, times, wait_for
from zprl_core.bags.bag_list import LIVE
from zprl_core.bags.bag_reader import bag_file, is_described
from zprl_core.bags.bag_repair import repair
from zprl_core.bags.bag_writer import BagWriter
from zprl_core.episode_event import EpisodeEventKind


def test_a_slow_disk_drops_messages_and_blocks_nobody(
    make: Callable[..., Recording], monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = threading.Event()
    write = BagWriter.write

    def slow(self: BagWriter, *given: Any) -> None:
        stuck.wait(600.0)
        write(self, *given)

    monkeypatch.setattr(BagWriter, "write", slow)
    recording = make(queue_mb=1.0)
    recording.event(EpisodeEventKind.STARTED)
    recording.states(10, bytes(300_000))
    recording.event(EpisodeEventKind.SUCCESS)
    recording.states(3, bytes(300_000))
    dropped = recording.recorder.dropped
    stuck.set()
    (bag,) = recording.bags()
    assert dropped in (9, 10)  # of 13, three fit into the queue, and one may be under way
    assert bag_file(bag).metadata()["dropped"] == str(dropped) and len(times(bag)) == 12 - dropped
    assert "the disk was too slow" in recording.said[-1]


def test_a_full_disk_costs_the_present_bag_only(
    make: Callable[..., Recording], monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = make(flush_s=0.01)
    recording.episode(EpisodeEventKind.SUCCESS, 0)
    recording.event(EpisodeEventKind.STARTED, 1)
    recording.states(5)
    cut = recording.folder / recording.recorder.bag
    wait_for(lambda: any(cut.glob("*.mcap")) and len(list(bag_file(cut).messages())) == 9)  # one of them latched
    with monkeypatch.context() as full:
        full.setattr(BagWriter, "write", no_space)
        recording.states(1)
        wait_for(lambda: recording.recorder.problem)
    recording.event(EpisodeEventKind.FAILURE, 1)
    recording.states(5)
    recording.episode(EpisodeEventKind.SUCCESS, 2)
    assert "free some disk space, then repair it with zprl bags repair" in recording.said[-1]
    first, cut, last = recording.bags()
    assert [is_described(bag) for bag in (first, cut, last)] == [True, False, True]
    assert recording.recorder.kept == 2 and recording.recorder.problem == ""
    assert repair(cut) == 9 and len(times(cut)) == 8
    assert not (cut / LIVE).exists()


def test_a_disk_without_room_is_told_before_an_episode(make: Callable[..., Recording]) -> None:
    recording = make(min_free_mb=0.0)
    assert recording.recorder.full == ""
    recording = make(min_free_mb=1e7)
    found = recording.recorder.full
    assert f"no bag can be recorded: the disk of {recording.recorder.folder} has" in found
    assert found.endswith("at least 1e+07 MB (min_free_mb); free some disk space")
    shutil.rmtree(recording.recorder.folder)
    assert "the folder for bags cannot be used" in recording.recorder.full


def test_an_unexpected_error_costs_the_present_bag_only(
    make: Callable[..., Recording], monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = make()
    with monkeypatch.context() as broken:
        broken.setattr(BagWriter, "write", lambda *given: 1 / 0)
        recording.event(EpisodeEventKind.STARTED, 0)
        recording.states(1)
        wait_for(lambda: recording.recorder.problem)
    assert "ZeroDivisionError('division by zero'); report it" in recording.recorder.problem
    recording.event(EpisodeEventKind.SUCCESS, 0)
    recording.states(5)
    recording.episode(EpisodeEventKind.SUCCESS, 1)
    assert [is_described(bag) for bag in recording.bags()] == [False, True]


def no_space(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")
