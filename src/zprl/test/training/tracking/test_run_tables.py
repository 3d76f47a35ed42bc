"""What is new in the tables of a run."""

import json
import os
from pathlib import Path

import pytest

from tracked_run_files import EPISODES, METRICS, write_tables
from zprl.training.tracking.run_tables import RunTables


def test_rows_become_points(tmp_path: Path) -> None:
    write_tables(tmp_path)
    entries = RunTables(tmp_path).new({})
    assert [(e.table, e.number, e.point.env_steps) for e in entries] == [
        ("metrics", 60, 60),
        ("metrics", 1858, 1851),
        ("episodes of robot_1", 0, 60),
        ("episodes of robot_2", 0, 64),
        ("episodes of robot_1", 1, 120),
        ("held_out", 25882, 25882),
    ]
    values = [dict(entry.point.values) for entry in entries]
    assert values[0] == {"train/updates": 0.0}  # nan is no value
    assert values[1] == {"train/updates": 7.0, "train/critic_loss": 0.25}
    assert values[2:] == [
        {"episode/success": 0.0, "episode/steps": 60.0},
        {"episode/success": 1.0, "episode/steps": 41.0},
        {"episode/success": 0.0, "episode/steps": 60.0},
        {"held_out/success": 0.75},
    ]


def test_only_what_a_tracker_lacks(tmp_path: Path) -> None:
    write_tables(tmp_path)
    marks = {"metrics": 60, "episodes of robot_1": 0, "held_out": 25882}
    found = [(entry.table, entry.number) for entry in RunTables(tmp_path).new(marks)]
    assert found == [("metrics", 1858), ("episodes of robot_2", 0), ("episodes of robot_1", 1)]


def test_unchanged_files_are_not_read_again(tmp_path: Path) -> None:
    write_tables(tmp_path)
    tables = RunTables(tmp_path)
    assert tables.new({}) and not tables.new({})
    with (tmp_path / "metrics" / "held_out.csv").open("a") as file:
        file.write("50914,19,20,1990000,1.7\n")
    assert {entry.number for entry in tables.new({}) if entry.table == "held_out"} == {25882, 50914}


def test_a_row_that_is_being_written_waits(tmp_path: Path) -> None:
    write_tables(tmp_path)
    path = tmp_path / "metrics" / "metrics.csv"
    path.write_text(METRICS + "4.1,37")
    assert max(entry.number for entry in RunTables(tmp_path).new({}) if entry.table == "metrics") == 1858
    path.write_text(METRICS + "4.1,3702,8,0.1\n")
    assert max(entry.number for entry in RunTables(tmp_path).new({}) if entry.table == "metrics") == 3710


def test_control_steps_that_a_resumed_run_repeats_come_once(tmp_path: Path) -> None:
    write_tables(tmp_path)
    (tmp_path / "metrics" / "metrics.csv").write_text(METRICS + "0.1,1700,6,0.5\n2.1,1900,8,0.4\n")
    found = [e.point.env_steps for e in RunTables(tmp_path).new({}) if e.table == "metrics"]
    assert found == [60, 1851, 1900]


def test_updates_while_the_robot_waits_are_new(tmp_path: Path) -> None:
    write_tables(tmp_path)
    (tmp_path / "metrics" / "metrics.csv").write_text(METRICS + "4.1,1851,9,0.5\n6.1,1851,9,0.5\n")
    found = [e.point for e in RunTables(tmp_path).new({}) if e.table == "metrics"]
    assert [(point.env_steps, point.values["train/updates"]) for point in found[1:]] == [(1851, 7.0), (1851, 9.0)]


@pytest.mark.parametrize("damage", ["a,b,c,d,e,f\n", "9,robot_1,x,SUCCESS,9,1.0\n", "\0\0\0\n", "9\n"])
def test_a_damaged_row_is_left_out(tmp_path: Path, damage: str) -> None:
    write_tables(tmp_path)
    (tmp_path / "metrics" / "episodes.csv").write_text(EPISODES + damage + "2,robot_1,180,SUCCESS,60,1.0\n")
    found = [entry.number for entry in RunTables(tmp_path).new({}) if entry.table == "episodes of robot_1"]
    assert found == [0, 1, 2]


def test_a_final_evaluation_counts_anew_when_it_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "evaluation_finetuned.json"
    path.write_text(json.dumps({"successes": 97, "episodes": 100, "env_steps": 140020}))
    tables = RunTables(tmp_path)
    (first,) = tables.new({})
    assert (first.point.env_steps, dict(first.point.values)) == (140020, {"evaluation/finetuned": 0.97})
    os.utime(path, ns=(first.number + 1, first.number + 1))
    assert [entry.number for entry in tables.new({first.table: first.number})] == [first.number + 1]


def test_a_run_without_tables_has_nothing(tmp_path: Path) -> None:
    assert RunTables(tmp_path).new({}) == []
