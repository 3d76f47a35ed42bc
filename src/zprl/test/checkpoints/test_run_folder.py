"""A run folder that is opened again, perhaps by a version with more settings."""

from pathlib import Path

import pytest

from zprl.checkpoints.run_folder import RunError, RunFolder, SettingsError


def test_a_run_of_other_settings_is_refused_with_a_table_and_named_to_the_command(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.open({"seed": 0, "force": 20.0}, {"lr": 1})
    folder.open({"seed": 0, "force": 20.0}, {"lr": 1})
    with pytest.raises(SettingsError, match=r"--resume (.*\n)+ +then +now\n  settings.force  20.0  30.0$") as refused:
        folder.open({"seed": 0, "force": 30.0}, {"lr": 1})
    assert refused.value.run == folder.path
    with pytest.raises(SettingsError, match=r"numbers.lr +1 +2\n  settings.seed +0 +1"):
        folder.open({"seed": 1, "force": 20.0}, {"lr": 2})


def test_a_config_of_a_later_version_is_not_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"format": 99}')
    with pytest.raises(RunError, match=r"config.json has format 99, this version reads 1 to \d+; install a later"):
        RunFolder(tmp_path).read("config")


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
