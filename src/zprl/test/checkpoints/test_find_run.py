"""A run is found by its path or its name."""

from pathlib import Path

import pytest

from zprl.checkpoints.find_run import find_run
from zprl.checkpoints.run_folder import RunError, RunFolder


def test_a_run_is_found_by_its_path_and_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = tmp_path / "runs"
    RunFolder(runs / "first").open({"seed": 0}, {})
    monkeypatch.chdir(tmp_path)
    for run in ("first", "runs/first", "runs/first/", str(runs / "first")):
        assert find_run(run, Path("runs")).path.resolve() == runs / "first"


def test_a_folder_of_that_name_that_is_no_run_does_not_hide_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    RunFolder(tmp_path / "runs" / "first").open({"seed": 0}, {})
    (tmp_path / "first").mkdir()
    monkeypatch.chdir(tmp_path)
    assert find_run("first", Path("runs")).path == Path("runs/first")


def test_an_unknown_run_is_refused_with_the_runs_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="has no run"):
        find_run("absent", tmp_path)
    for name in ("b", "a"):
        RunFolder(tmp_path / name).open({}, {})
    with pytest.raises(RunError, match=r"absent is neither the folder of a run nor the name of one; .* has a, b"):
        find_run("absent", tmp_path)


def test_a_run_without_settings_is_found_by_its_record(tmp_path: Path) -> None:
    """As `zprl up` makes it."""
    (tmp_path / "up" / "record").mkdir(parents=True)
    assert find_run("up", tmp_path, "record").record == tmp_path / "up" / "record"
    with pytest.raises(RunError, match="up is neither the folder of a run"):
        find_run("up", tmp_path)
