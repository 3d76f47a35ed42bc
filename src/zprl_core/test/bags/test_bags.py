"""Writing, reading and repairing a bag, read back with two readers that are independent of the writer."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from zprl_core.bags.bag_metadata import NAME
from zprl_core.bags.bag_reader import bag_file, is_described
from zprl_core.bags.bag_repair import CUT_OFF, repair
from zprl_core.bags.bag_topic import BagQos, BagTopic
from zprl_core.bags.bag_writer import BagWriter
from zprl_core.bags.message_definition import definition, type_hash
from zprl_core.errors import RecordError

pytest.importorskip("std_msgs", reason="ROS is not installed")
from rclpy.serialization import serialize_message
from std_msgs.msg import Header

KIND = "std_msgs/msg/Header"
LATCHED = BagQos(1, durability="transient_local", deadline=(0, 50_000_000))


def topic(name: str, kind: str = KIND, qos: tuple[BagQos, ...] = (LATCHED,)) -> BagTopic:
    return BagTopic(name, kind, definition(kind), type_hash(kind), qos)


def header(k: int) -> bytes:
    message = Header(frame_id=f"frame {k}")
    message.stamp.sec = k
    return serialize_message(message)


def written(folder: Path, count: int = 5) -> Path:
    bag = BagWriter(folder, {"task": "lift"})
    bag.add_topic(topic("/a"))
    bag.add_topic(topic("/b", qos=()))
    for k in range(count):
        bag.write("/a", header(k), 1000 + k, 900 + k)
    bag.write("/b", header(77), 1001, 901)
    bag.finish({"label": "success"})
    return folder


def test_rosbags_reads_what_was_written(tmp_path: Path) -> None:
    highlevel = pytest.importorskip("rosbags.highlevel")
    with highlevel.AnyReader([written(tmp_path / "bag")]) as reader:
        assert {c.topic: (c.msgtype, c.msgcount, c.digest) for c in reader.connections} == {
            "/a": (KIND, 5, type_hash(KIND)),
            "/b": (KIND, 1, type_hash(KIND)),
        }
        (offered,) = next(c for c in reader.connections if c.topic == "/a").ext.offered_qos_profiles
        assert offered.durability.name.lower() == "transient_local" and offered.deadline.nsec == 50_000_000
        read = [(c.topic, at, reader.deserialize(data, c.msgtype).stamp.sec) for c, at, data in reader.messages()]
    assert read == [("/a", 1000, 0), ("/a", 1001, 1), ("/b", 1001, 77), *(("/a", 1000 + k, k) for k in (2, 3, 4))]


def test_mcap_ros2_support_reads_what_was_written(tmp_path: Path) -> None:
    reader = pytest.importorskip("mcap_ros2.reader")
    read = [
        (m.channel.topic, m.ros_msg.frame_id, m.log_time_ns, m.publish_time_ns)
        for m in reader.read_ros2_messages(str(written(tmp_path / "bag") / "bag_0.mcap"), topics=["/a"])
    ]
    assert read == [("/a", f"frame {k}", 1000 + k, 900 + k) for k in range(5)]


def test_metadata_is_that_of_rosbag2_and_holds_the_own_one(tmp_path: Path) -> None:
    folder = written(tmp_path / "bag")
    found = yaml.safe_load((folder / NAME).read_text())["rosbag2_bagfile_information"]
    assert (found["version"], found["storage_identifier"], found["message_count"]) == (9, "mcap", 6)
    assert found["duration"] == {"nanoseconds": 4} and found["relative_file_paths"] == ["bag_0.mcap"]
    assert found["custom_data"] == {"task": "lift", "label": "success"} == bag_file(folder).metadata()


def test_own_reader_gives_bytes_topics_and_times(tmp_path: Path) -> None:
    file = bag_file(written(tmp_path / "bag"))
    assert file.closed and file.topics() == {"/a": topic("/a"), "/b": topic("/b", qos=())}
    assert [(m.topic, m.data, m.received_ns, m.published_ns) for m in file.messages(("/b",))] == [
        ("/b", header(77), 1001, 901)
    ]


def test_a_bag_without_messages_is_complete(tmp_path: Path) -> None:
    bag = BagWriter(tmp_path / "bag", {})
    bag.add_topic(topic("/a"))
    bag.finish({})
    assert list(bag_file(tmp_path / "bag").messages()) == [] and bag_file(tmp_path / "bag").closed


def killed(folder: Path, seconds: float) -> int:
    """Writes until SIGKILL; returns how many messages were flushed before it, at least."""
    script = f"""
import itertools
from pathlib import Path
from test_bags import BagWriter, header, topic
bag = BagWriter(Path({str(folder)!r}), {{"task": "lift"}})
bag.add_topic(topic("/a"))
data = header(1) + bytes(1000)
for k in itertools.count():
    bag.write("/a", data, k, k)
    if k % 10 == 9:
        bag.flush()
        print(k + 1, flush=True)
"""
    env = os.environ | {"PYTHONPATH": f"{Path(__file__).parent}:{os.environ.get('PYTHONPATH', '')}"}
    child = subprocess.Popen([sys.executable, "-c", script], env=env, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(seconds)
    child.send_signal(signal.SIGKILL)
    told = [line for line in child.communicate()[0].splitlines() if line]
    return int(told[-1]) if told else 10


@pytest.mark.parametrize("seconds", [0.0, 0.013, 0.05])
def test_a_killed_writer_leaves_all_that_it_flushed(tmp_path: Path, seconds: float) -> None:
    flushed = killed(tmp_path / "bag", seconds)
    assert not bag_file(tmp_path / "bag").closed and not is_described(tmp_path / "bag")
    assert bag_file(tmp_path / "bag").metadata() == {"task": "lift"}
    count = repair(tmp_path / "bag")
    file = bag_file(tmp_path / "bag")
    assert count >= flushed and file.closed and is_described(tmp_path / "bag")
    assert [m.received_ns for m in file.messages()] == list(range(count))
    assert file.metadata() == {"task": "lift", CUT_OFF: "true"}
    assert [path.name for path in tmp_path.iterdir()] == ["bag"]


@pytest.mark.parametrize("left", [0.05, 0.3, 0.5, 0.9, 0.999])
def test_whatever_is_left_of_a_file_its_whole_chunks_are_recovered(tmp_path: Path, left: float) -> None:
    bag = BagWriter(tmp_path / "bag", {"task": "lift"})
    bag.add_topic(topic("/a"))
    for k in range(40):
        bag.write("/a", header(k), k, k)
        bag.flush()
    bag.finish({})
    (tmp_path / "bag" / NAME).unlink()
    os.truncate(bag.path, round(left * bag.path.stat().st_size))
    if left < 0.1:
        with pytest.raises(RecordError, match="no whole message"):
            repair(tmp_path / "bag")
        return
    count = repair(tmp_path / "bag")
    assert 0 < count <= 40
    assert [m.data for m in bag_file(tmp_path / "bag").messages()] == [header(k) for k in range(count)]


def test_a_complete_bag_is_not_touched_by_repair(tmp_path: Path) -> None:
    folder = written(tmp_path / "bag")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert repair(folder) == 6
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_failed_repair_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = written(tmp_path / "bag")
    (folder / NAME).unlink()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def full(self: BagWriter, custom: dict[str, str]) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(BagWriter, "finish", full)
    with pytest.raises(RecordError, match="free some disk space"):
        repair(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["bag"]


def test_a_bag_that_cannot_be_started_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(BagWriter, "flush", full)
        with pytest.raises(OSError, match="No space left"):
            BagWriter(tmp_path / "bag", {})
    assert list(tmp_path.iterdir()) == []
    BagWriter(tmp_path / "bag", {}).finish({})


def test_a_damaged_bag_is_refused_with_its_file(tmp_path: Path) -> None:
    folder = written(tmp_path / "bag", count=200)
    data = bytearray((folder / "bag_0.mcap").read_bytes())
    data[len(data) // 3] ^= 0xFF
    (folder / "bag_0.mcap").write_bytes(data)
    with pytest.raises(RecordError, match=r"bag_0.mcap is damaged .* restore it from a copy"):
        list(bag_file(folder).messages())


def test_other_folders_are_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "rosbag2.db3").touch()
    with pytest.raises(RecordError, match=r"a bag of SQLite \(rosbag2.db3\); convert it"):
        bag_file(tmp_path)
    (tmp_path / "a.mcap").touch()
    (tmp_path / "b.mcap").touch()
    with pytest.raises(RecordError, match="split into 2 files"):
        bag_file(tmp_path)
    with pytest.raises(RecordError, match="has no MCAP file: give the folder of a bag"):
        bag_file(tmp_path / "nothing")
