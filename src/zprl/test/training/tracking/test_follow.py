"""Following a run: everything once, across calls, and up to its end."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tracked_run_files import METRICS, ROWS, write_run
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.training.tracking import follow as module
from zprl.training.tracking.follow import follow, is_over
from zprl.training.tracking.run_tables import Marks, Point
from zprl.training.tracking.tracker import TrackedRun, TrackerKind, tracked_run
from zprl_core.host.owned_lock import acquire


class Memory:
    """A tracker that keeps what it is sent."""

    def __init__(self, breaks_after: int = 10**6) -> None:
        self.points: list[Point] = []
        self.kept: Marks = {}
        self.closed = 0
        self.breaks_after = breaks_after

    def marks(self) -> Marks:
        return self.kept

    def send(self, points: Sequence[Point], marks: Marks) -> None:
        if len(self.points) >= self.breaks_after:
            raise ConnectionError("the server is away")
        self.points += points
        self.kept = dict(marks)

    def close(self) -> None:
        self.closed += 1


def never() -> None:
    raise AssertionError("waited for a run that has ended")


Send = Callable[..., int]


@pytest.fixture
def send(monkeypatch: pytest.MonkeyPatch) -> Send:
    """Follow a run with a tracker, by default a run that has ended."""

    def run(
        tracker: Memory, run: Path, ended: Callable[[], bool] = lambda: True, wait: Callable[[], object] = never
    ) -> int:
        def opened(kind: TrackerKind, described: TrackedRun, online: bool) -> Memory:
            return tracker

        monkeypatch.setattr(module, "open_tracker", opened)
        return follow(RunFolder(run), TrackerKind.WANDB, False, ended, wait)

    return run


def test_a_finished_run_is_sent_once(tmp_path: Path, send: Send) -> None:
    write_run(tmp_path)
    memory = Memory()
    assert (send(memory, tmp_path), send(memory, tmp_path)) == (ROWS, 0)
    assert len(memory.points) == ROWS and memory.closed == 2


def test_a_running_one_is_followed_to_its_end(tmp_path: Path, send: Send) -> None:
    """Also what is written between the last look and the end."""
    write_run(tmp_path)
    memory, path, waits = Memory(), tmp_path / "metrics" / "metrics.csv", 0

    def wait() -> None:
        nonlocal waits
        waits += 1
        path.write_text(METRICS + "".join(f"{n}.0,{2000 + n},9,0.1\n" for n in range(waits)))

    assert send(memory, tmp_path, lambda: waits == 3, wait) == ROWS + 3
    assert [p.env_steps for p in memory.points[-3:]] == [2000, 2001, 2002]


def test_a_run_without_metrics_is_waited_for_and_left_alone(tmp_path: Path, send: Send) -> None:
    waits = 0

    def wait() -> None:
        nonlocal waits
        waits += 1

    assert send(Memory(), tmp_path, lambda: waits == 2, wait) == 0
    assert list(tmp_path.iterdir()) == []


def test_what_was_sent_before_an_error_is_not_sent_again(
    tmp_path: Path, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 2)
    write_run(tmp_path)
    memory = Memory(breaks_after=4)
    with pytest.raises(ConnectionError):
        send(memory, tmp_path)
    assert len(memory.points) == 4 and memory.closed == 1
    memory.breaks_after = 10**6
    assert send(memory, tmp_path) == ROWS - 4
    assert len(memory.points) == ROWS


def test_two_cannot_send_the_same(tmp_path: Path, send: Send) -> None:
    write_run(tmp_path)
    (tmp_path / "trackers").mkdir()
    lock = acquire(tmp_path / "trackers" / "wandb.lock")
    assert lock is not None
    with lock, pytest.raises(RunError, match="already sent to wandb by process"):
        send(Memory(), tmp_path)


def test_a_run_is_over_when_no_command_has_it(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    assert is_over(folder)
    with folder.locked():
        assert not is_over(folder)
    assert is_over(folder)


def test_settings_of_a_run_are_plain(tmp_path: Path) -> None:
    write_run(tmp_path)
    settings = tracked_run(RunFolder(tmp_path)).settings
    assert settings["task"] == "lift" and settings["recipe.quality"] == "[0.0, 1.0]" and "backbone" not in settings


def test_a_run_of_up_has_no_settings(tmp_path: Path) -> None:
    assert tracked_run(RunFolder(tmp_path)) == TrackedRun(tmp_path.name, tmp_path / "trackers")
