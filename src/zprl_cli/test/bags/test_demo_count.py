"""The count of recorded demonstrations."""

from pathlib import Path

from zprl_cli.bags.demo_count import DemoCount
from zprl_core.bags.bag_list import LIVE
from zprl_core.bags.bag_topic import BagTopic
from zprl_core.bags.bag_writer import BagWriter
from zprl_core.host.owned_lock import acquire


def bag(folder: Path, task: str = "lift", label: str = "success") -> None:
    writer = BagWriter(folder, {"task": task})
    writer.add_topic(BagTopic("/state", "a/msg/State", "int32 x\n"))
    writer.write("/state", b"1234", 0, 0)
    writer.finish({"label": label})


def test_successful_bags_of_the_task_count_once_their_recorder_has_released_them(tmp_path: Path) -> None:
    count = DemoCount(tmp_path / "bags", "lift")
    assert count.kept() == 0
    bag(tmp_path / "bags" / "a")
    bag(tmp_path / "bags" / "b", task="push")
    bag(tmp_path / "bags" / "c", label="timeout")
    bag(tmp_path / "bags" / "d")
    held = acquire(tmp_path / "bags" / "d" / LIVE)
    assert held is not None and count.kept() == 1
    held.close()
    assert count.kept() == 2
