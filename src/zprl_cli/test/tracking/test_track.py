"""zprl track: what it prints, and how it fails."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracked_run_files import ROWS, write_run
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.training.tracking import follow
from zprl_cli.tracking.command import Track


class Sink:
    """A tracker that has nothing and forgets everything."""

    def marks(self) -> dict[str, int]:
        return {}

    def send(self, points: Any, marks: Any) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture
def opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., object]], None]:
    """A run `lift` in the folder runs, and a way to say what opens its tracker."""
    write_run(tmp_path / "runs" / "lift")
    monkeypatch.chdir(tmp_path)
    return lambda opener: monkeypatch.setattr(follow, "open_tracker", opener)


def test_a_finished_run(opens: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    opens(lambda *_: Sink())
    Track("lift").main()
    assert capsys.readouterr() == (f"runs/lift: {ROWS} new rows to wandb\n", "")


def test_a_running_one_says_so(
    opens: Callable[..., None], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends with the run."""
    opens(lambda *_: Sink())
    with RunFolder(Path("runs/lift")).locked():
        monkeypatch.setattr("time.sleep", lambda _: shutil.copy("runs/lift/config.json", "runs/lift/.lock"))
        Track("lift").main()
    assert "Ctrl-C stops this command, not the run" in capsys.readouterr().err


def test_an_error_of_the_library_is_one_line(opens: Callable[..., None]) -> None:
    def fails(*_: object) -> Sink:
        raise ConnectionError("no route to the server")

    opens(fails)
    with pytest.raises(RunError, match="wandb failed: no route to the server; the same command goes on from there"):
        Track("lift").main()


def test_a_run_must_have_metrics(opens: Callable[..., None]) -> None:
    with pytest.raises(RunError, match="neither the folder of a run nor the name of one; runs has lift"):
        Track("push").main()
