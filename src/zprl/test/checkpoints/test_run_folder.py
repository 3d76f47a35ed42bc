"""A run folder that is opened again, perhaps by a version with more settings."""

from pathlib import Path

import pytest

from zprl.checkpoints.run_folder import RunError, RunFolder


def test_a_setting_that_came_later_has_its_default_in_an_earlier_run(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.open({"seed": 0}, {})
    folder.open({"seed": 0, "force": 20.0}, {}, {"force": 20.0})
    with pytest.raises(RunError, match=r"made with other settings \(force: 20.0 then, 30.0 now\)"):
        folder.open({"seed": 0, "force": 30.0}, {}, {"force": 20.0})
    with pytest.raises(RunError, match=r"made with other settings \(seed: 0 then, 1 now\)"):
        folder.open({"seed": 1, "force": 20.0}, {}, {"force": 20.0})


def test_two_commands_do_not_write_one_run(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    busy = r"run is in use by process \d+ of user .*another --name"
    with folder.locked(), pytest.raises(RunError, match=busy), folder.locked():
        pass
    with folder.locked():
        pass


def test_a_refused_start_leaves_no_folder(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "runs" / "run")
    with pytest.raises(ValueError, match="refused"), folder.locked():
        folder.open({"seed": 0}, {})
        with folder.timed("demos"):
            raise ValueError("refused")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("there", ["runs/run/demos/demos.json", "runs/other/config.json"])
def test_a_failed_run_keeps_what_it_made_and_other_runs(there: str, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "runs" / "run")
    with pytest.raises(KeyboardInterrupt), folder.locked():
        (tmp_path / there).parent.mkdir(parents=True)
        (tmp_path / there).write_text("{}")
        raise KeyboardInterrupt
    assert (tmp_path / there).exists() and folder.path.exists() == ("other" not in there)


def test_a_run_that_was_there_before_stays_after_a_refused_start(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "runs" / "run")
    with folder.locked():
        folder.open({"seed": 0}, {})
    with pytest.raises(RunError, match="other settings"), folder.locked():
        folder.open({"seed": 1}, {})
    assert folder.read("config") is not None


def test_what_a_run_has_itself_counts(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.open({"force": 30.0}, {}, {"force": 20.0})
    folder.open({"force": 30.0}, {}, {"force": 20.0})
