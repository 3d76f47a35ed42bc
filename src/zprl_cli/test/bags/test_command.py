"""`zprl bags ls` and `zprl bags repair` as commands."""

from pathlib import Path

import pytest

from command_line import run_zprl
from zprl_core.bags.bag_list import BagState, summary_of
from zprl_core.bags.bag_reader import is_described
from zprl_core.bags.bag_topic import BagTopic
from zprl_core.bags.bag_writer import BagWriter


def bag(folder: Path, finished: bool) -> None:
    writer = BagWriter(folder, {"task": "lift", "episode": "7"})
    writer.add_topic(BagTopic("/state", "a/msg/State", "int32 x\n"))
    writer.write("/state", b"1234", 0, 0)
    writer.write("/state", b"1234", 1_500_000_000, 0)
    writer.flush()
    if finished:
        writer.finish({"label": "success"})
    writer.abandon()


def test_a_torn_bag_keeps_its_label_when_it_is_repaired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bag(tmp_path / "torn", finished=True)
    (file,) = (tmp_path / "torn").glob("*.mcap")
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * 0.6)])
    assert summary_of(tmp_path / "torn").state == BagState.CUT_OFF
    assert run_zprl(monkeypatch, "bags", "repair", tmp_path / "torn") == 0
    found = summary_of(tmp_path / "torn")
    assert (found.state, found.messages) == (BagState.COMPLETE, 2)
    assert (found.custom["label"], found.custom["task"]) == ("success", "lift")


def test_what_cannot_be_checked_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert run_zprl(monkeypatch, "bags", "check", tmp_path / "empty") == 2
    assert "empty has no bag; zprl teleop --bags" in capsys.readouterr().err
    bag(tmp_path / "one", finished=True)
    assert run_zprl(monkeypatch, "bags", "check", tmp_path / "one") == 0  # a bag, not a folder of them
    assert "it was not recorded by zprl" in capsys.readouterr().out
    assert run_zprl(monkeypatch, "bags", "check", tmp_path, "--labels", "sucess") == 2
    assert "there is no label sucess; write success, failure" in capsys.readouterr().err


def test_bags_are_listed_and_repaired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bag(tmp_path / "good", finished=True)
    bag(tmp_path / "torn", finished=False)
    assert run_zprl(monkeypatch, "bags", "ls", tmp_path) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[1].split() == ["good", "lift", "7", "success", "1.5", "2", "0.0", "complete"]
    assert said.out.splitlines()[2].split() == ["torn", "lift", "7", "-", "-", "-", "0.0", "cut", "off"]
    assert f"1 cut off; zprl bags repair {tmp_path / 'torn'} completes one" in said.err

    assert run_zprl(monkeypatch, "bags", "repair", tmp_path / "torn", tmp_path / "good") == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{tmp_path / 'torn'}: 2 messages",
        f"{tmp_path / 'good'}: 2 messages",
    ]
    assert is_described(tmp_path / "torn")


def test_what_cannot_be_repaired_is_named_and_the_rest_is_repaired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bag(tmp_path / "torn", finished=False)
    (tmp_path / "empty").mkdir()
    assert run_zprl(monkeypatch, "bags", "repair", tmp_path / "empty", tmp_path / "torn") == 2
    said = capsys.readouterr()
    assert "torn: 2 messages" in said.out
    assert "empty has no MCAP file" in said.err and "1 of 2 bags could not be repaired" in said.err
