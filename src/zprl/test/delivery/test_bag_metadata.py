"""A record's folder as a bag: metadata.yaml, and other programs that open it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from mcap.reader import make_reader

from experience import message
from zprl.delivery import replay_log, transition_codec
from zprl.delivery.bag_metadata import NAME, summary
from zprl.delivery.replay_log import ReplayLog
from zprl.delivery.segment import Stored, UpdateMark


def described(folder: Path) -> Any:
    return yaml.safe_load((folder / NAME).read_text())["rosbag2_bagfile_information"]


def test_it_lists_the_closed_files_and_counts_their_messages(tmp_path: Path) -> None:
    kept = ReplayLog(tmp_path, segment_bytes=3000)
    assert not (tmp_path / NAME).exists()  # a bag without files opens nowhere
    for k in range(20):
        kept.write([UpdateMark(k), Stored(message(k))])
    closed = replay_log.segments(tmp_path)[:-1]
    assert len(closed) > 2 and described(tmp_path)["relative_file_paths"] == [path.name for path in closed]
    kept.close()
    bag, files = described(tmp_path), replay_log.segments(tmp_path)
    assert (bag["version"], bag["storage_identifier"], bag["message_count"]) == (5, "mcap", 40)
    assert bag["relative_file_paths"] == [f["path"] for f in bag["files"]] == [path.name for path in files]
    assert sum(f["message_count"] for f in bag["files"]) == 40
    listed = bag["topics_with_message_count"]
    topics = {(t["topic_metadata"]["name"], t["topic_metadata"]["type"], t["message_count"]) for t in listed}
    assert topics == {("/replay", transition_codec.TYPE, 20), ("/learner/updates", "std_msgs/msg/UInt64", 20)}
    times = [m.log_time for path in files for _, _, m in make_reader(path.open("rb")).iter_messages()]
    assert bag["starting_time"]["nanoseconds_since_epoch"] == min(times)
    assert bag["duration"]["nanoseconds"] == max(times) - min(times)


def test_a_restart_after_a_kill_describes_the_recovered_file(tmp_path: Path) -> None:
    kept = ReplayLog(tmp_path)
    kept.write([Stored(message(0))])
    kept._lock.close()  # as if it had been killed
    ReplayLog(tmp_path).close()
    assert described(tmp_path)["message_count"] == 1


@pytest.mark.parametrize("data", [b"", b"MCAP", b"\x89MCAP0\r\n" * 9, b"\x89MCAP0\r\n" + bytes(40) + b"\x89MCAP0\r\n"])
def test_a_damaged_file_is_not_described(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "000000.mcap").write_bytes(data)
    assert summary(tmp_path / "000000.mcap") is None


def test_a_failure_to_describe_it_does_not_stop_the_record(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    kept = ReplayLog(tmp_path, segment_bytes=100)
    for k in range(3):
        kept.write([Stored(message(k))])
    kept.close()
    assert len(list(replay_log.read(tmp_path))) == 3


def test_rosbags_opens_the_folder(tmp_path: Path) -> None:
    rosbag2 = pytest.importorskip("rosbags.rosbag2", reason="rosbags is not installed")
    kept = ReplayLog(tmp_path, segment_bytes=3000)
    for k in range(20):
        kept.write([UpdateMark(k), Stored(message(k))])
    kept.close()
    with rosbag2.Reader(tmp_path) as bag:
        data = [data for connection, _, data in bag.messages() if connection.topic == "/replay"]
        assert bag.message_count == 40 and data == [message(k) for k in range(20)]
