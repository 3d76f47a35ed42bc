"""The bags in a folder, with the state of each."""

from pathlib import Path

import pytest

from zprl_core.bags.bag_list import LIVE, BagState, bags_in
from zprl_core.bags.bag_metadata import NAME
from zprl_core.bags.bag_topic import BagTopic
from zprl_core.bags.bag_writer import BagWriter
from zprl_core.errors import RecordError
from zprl_core.host.owned_lock import acquire

STATE = BagTopic("/state", "a/msg/State", "int32 x\n")


def bag(folder: Path, finished: bool = True) -> Path:
    writer = BagWriter(folder, {"task": "lift", "episode": "7"})
    writer.add_topic(STATE)
    for k in range(3):
        writer.write("/state", b"1234", k * 1_000_000_000, k)
    writer.flush()
    if finished:
        writer.finish({"label": "success"})
    writer.abandon()
    return folder


def test_each_bag_has_its_state(tmp_path: Path) -> None:
    bag(tmp_path / "a")
    bag(tmp_path / "b", finished=False)
    (bag(tmp_path / "d") / NAME).write_text("rosbag2_bagfile_information: [")
    with_lock = bag(tmp_path / "c", finished=False)
    (tmp_path / "pictures").mkdir()
    (tmp_path / ".b.repair").mkdir()
    lock = acquire(with_lock / LIVE)
    assert lock is not None
    with lock:
        found = {summary.path.name: summary for summary in bags_in(tmp_path)}
    assert {name: summary.state for name, summary in found.items()} == {
        "a": BagState.COMPLETE, "b": BagState.CUT_OFF, "c": BagState.RECORDING, "d": BagState.DAMAGED,
    }  # fmt: skip
    assert (found["a"].messages, found["a"].duration_s, found["a"].custom["label"]) == (3, 2.0, "success")
    assert found["b"].custom == {"task": "lift", "episode": "7"} and found["b"].size > 0


def test_a_recorder_that_died_leaves_a_bag_that_is_cut_off(tmp_path: Path) -> None:
    (bag(tmp_path / "a", finished=False) / LIVE).write_text('{"pid": 999999999, "started": 1, "uid": 0, "name": "x"}')
    assert [summary.state for summary in bags_in(tmp_path)] == [BagState.CUT_OFF]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="is no folder; give the folder that holds the bags"):
        list(bags_in(tmp_path / "nothing"))
