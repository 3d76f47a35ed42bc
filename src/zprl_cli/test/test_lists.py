"""`zprl stations` and `zprl runs` list what there is, and go on after what is damaged."""

import json
from pathlib import Path

import pytest

from zprl.checkpoints.run_folder import RunFolder
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.station import load_station
from zprl_cli import stations
from zprl_cli.runs import HEADS, Runs
from zprl_cli.stations import Stations, station_files


def a_run(runs: Path, name: str, **settings: object) -> RunFolder:
    folder, options = RunFolder(runs / name), RunOptions(**settings)  # type: ignore[arg-type]
    folder.open(options.saved, options.numbers)
    return folder


def test_runs_are_listed_with_the_phase_that_each_has_reached(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a_run(tmp_path, "a-new", task="peg_insert", seed=3)
    begun = a_run(tmp_path, "begun")
    begun.actor.mkdir()
    (begun.actor / "000001").mkdir()
    done = a_run(tmp_path, "done")
    done.write("evaluation_base", {"successes": 93, "episodes": 200})
    done.write("evaluation_finetuned", {"successes": 194, "episodes": 200})
    done.write("report", {})
    Runs(tmp_path).main()
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows == [
        list(HEADS),
        ["a-new", "peg_insert", "latent", "efficient", "3", "new", "-", "-"],
        ["begun", "lift", "latent", "efficient", "0", "finetuning", "-", "-"],
        ["done", "lift", "latent", "efficient", "0", "finished", "46.5", "%", "97.0", "%"],
    ]


def test_a_damaged_run_does_not_hide_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a_run(tmp_path, "good")
    for name, config in (("broken", "{"), ("foreign", json.dumps({"settings": [1]}))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(config)
    Runs(tmp_path).main()
    said = capsys.readouterr()
    assert "good" in said.out and "foreign" in said.out and "broken/config.json is damaged" in said.err


def test_a_folder_without_runs_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Runs(tmp_path / "none").main()
    assert "has no run; zprl finetune makes one" in capsys.readouterr().err


def test_every_example_station_is_listed_and_its_name_can_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    Stations().main()
    lines = capsys.readouterr().out.splitlines()[1:]
    names = [line.split()[0] for line in lines]
    assert names == [path.stem for path in station_files()] and "place_orange" in names
    for name in names:
        load_station(Path(name))


def test_a_station_that_cannot_be_loaded_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.yaml").write_text("control_rate: fast\n")
    (tmp_path / "good.yaml").write_text("task: egg\n")
    monkeypatch.setattr(stations, "config_file", lambda name: tmp_path)
    Stations().main()
    said = capsys.readouterr()
    assert "good" in said.out and "bad.yaml" in said.err
