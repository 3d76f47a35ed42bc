"""The record: whole messages, whatever happened to their writer, and files that others can open."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from mcap.reader import make_reader
from mcap.writer import CompressionType, IndexType, Writer

from experience import lived, message
from zprl.delivery import replay_log, transition_codec
from zprl.delivery.cdr import HEADER
from zprl.delivery.replay_log import ReplayLog, recover
from zprl.delivery.segment import UINT64, Entry, Stored, UpdateMark, add, begin
from zprl.delivery.segment_reader import is_closed
from zprl.delivery.state_sharing import StateSharing
from zprl.delivery.transition_codec import Key, encode
from zprl_core.errors import RecordError

WRITER = """
import sys
from pathlib import Path
from zprl.delivery.replay_log import ReplayLog, recover
from zprl.delivery.segment import Stored, UpdateMark
record = ReplayLog(Path(sys.argv[1]), segment_bytes=20_000)
k = 0
while True:
    record.write([UpdateMark(k), *(Stored(b"%d" % (k + i)) for i in range(5))])
    k += 5
    print(k, flush=True)
"""


def entries(count: int) -> list[Entry]:
    return [UpdateMark(0), *(Stored(message(k)) for k in range(count))]


def written(folder: Path, count: int = 10, **options: int) -> list[Entry]:
    kept = ReplayLog(folder, **options)
    for entry in entries(count):
        kept.write([entry])
    kept.close()
    return entries(count)


def test_it_comes_back_in_order_over_several_files(tmp_path: Path) -> None:
    assert list(replay_log.read(tmp_path)) == []
    expected = written(tmp_path, 40, segment_bytes=2000)
    assert len(replay_log.segments(tmp_path)) > 3
    assert list(replay_log.read(tmp_path)) == expected


def test_others_can_open_it(tmp_path: Path) -> None:
    written(tmp_path)
    with replay_log.segments(tmp_path)[0].open("rb") as file:
        found = list(make_reader(file).iter_messages(topics=["/replay"]))
    assert len(found) == 10
    schema, channel, first = found[0]
    assert schema is not None and (schema.name, schema.encoding) == (transition_codec.TYPE, "ros2msg")
    assert channel.message_encoding == "cdr" and first.data == message(0)


@pytest.mark.parametrize("cut", [1, 9, 30, 300])
def test_a_torn_end_loses_only_what_was_not_whole(tmp_path: Path, cut: int) -> None:
    kept = ReplayLog(tmp_path)
    for entry in entries(10):
        kept.write([entry])
    path = replay_log.segments(tmp_path)[0]
    os.truncate(path, path.stat().st_size - cut)
    kept._lock.close()  # as if it had been killed
    before = list(replay_log.read(tmp_path))
    assert before == entries(10)[: len(before)] and len(before) >= 9
    again = ReplayLog(tmp_path)
    assert list(replay_log.read(tmp_path)) == before
    again.write([UpdateMark(7)])
    again.close()
    assert list(replay_log.read(tmp_path)) == [*before, UpdateMark(7)]


def test_it_is_whole_wherever_its_writer_was_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut at every byte of the last write: everything before it is there, and it is there as a whole or not at all."""
    monkeypatch.setattr("os.fsync", lambda file: None)  # hundreds of them take minutes on a busy disk
    kept = ReplayLog(tmp_path / "record")
    path = kept.folder / "000000.mcap"
    kept.write([UpdateMark(0), Stored(b"first")])
    before = path.stat().st_size
    kept.write([UpdateMark(3), Stored(b"second"), Stored(b"third")])
    kept._lock.close()  # as if it had been killed
    data, first = path.read_bytes(), [UpdateMark(0), Stored(b"first")]
    found = {}
    for end in range(before, len(data) + 1):
        path.write_bytes(data[:end])
        found[end] = list(replay_log.read(kept.folder))
        recover(kept.folder)
        assert list(replay_log.read(kept.folder)) == found[end] and is_closed(path)
    assert found[before] == first and len(found[len(data)]) == 5
    assert {len(entries) for entries in found.values()} == {2, 5}


@pytest.mark.parametrize("size", [1, 60, 200])
def test_a_last_chunk_with_zeros_in_it_is_a_torn_write(tmp_path: Path, size: int) -> None:
    """A pulled plug may leave pages of a file unwritten."""
    kept = ReplayLog(tmp_path)
    kept.write([Stored(b"first")])
    path = kept.folder / "000000.mcap"
    before = path.stat().st_size
    kept.write([Stored(b"second" * 100)])
    data = bytearray(path.read_bytes())
    data[before + 100 : before + 100 + size] = bytes(size)
    path.write_bytes(data)
    assert list(replay_log.read(tmp_path)) == [Stored(b"first")]
    kept.close()


def test_a_chunk_before_others_is_not_dropped_silently(tmp_path: Path) -> None:
    kept = ReplayLog(tmp_path)
    for k in range(3):
        kept.write([Stored(b"entry %d" % k * 20)])
    path = kept.folder / "000000.mcap"
    data = path.read_bytes()
    path.write_bytes(data.replace(b"entry 1", b"entry 2", 1))
    with pytest.raises(RecordError, match="damaged"):
        list(replay_log.read(tmp_path))
    kept.close()


def test_zeros_at_the_end_are_no_messages(tmp_path: Path) -> None:
    """A pulled plug may leave a file longer than what reached the disk."""
    kept = ReplayLog(tmp_path)
    kept.write(entries(3))
    path = replay_log.segments(tmp_path)[0]
    os.truncate(path, path.stat().st_size + 4096)
    assert list(replay_log.read(tmp_path)) == entries(3)
    kept.close()


def test_a_writer_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    lines = [writer.stdout.readline() for _ in range(300)]
    os.kill(writer.pid, signal.SIGKILL)
    lines += writer.stdout.readlines()
    writer.wait()
    said = int([line for line in lines if line.endswith(b"\n")][-1])
    kept = ReplayLog(tmp_path)
    found = [int(entry.data) for entry in replay_log.read(tmp_path) if isinstance(entry, Stored)]
    assert found == list(range(len(found))) and len(found) >= said
    kept.close()


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    kept = ReplayLog(tmp_path)
    with pytest.raises(RecordError, match=r"another learner writes .* \(process \d+ of user .*, since .*\); stop"):
        ReplayLog(tmp_path)
    kept.close()
    ReplayLog(tmp_path).close()


def test_a_full_disk_keeps_nothing_of_it_and_goes_on_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = ReplayLog(tmp_path)
    kept.write(entries(3))

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(RecordError, match="free some disk space"):
        kept.write([Stored(message(3))])
    monkeypatch.undo()
    assert list(replay_log.read(tmp_path)) == entries(3)
    kept.write([Stored(message(3))])
    kept.close()
    assert list(replay_log.read(tmp_path)) == entries(4)


def test_a_flipped_bit_is_found(tmp_path: Path) -> None:
    written(tmp_path)
    path = replay_log.segments(tmp_path)[0]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(RecordError, match="damaged"):
        list(replay_log.read(tmp_path))


LIVED: list[Entry] = [Stored(encode(Key("run", "robot", 7, k), t)) for k, t in enumerate(lived(12, length=6))]


def lengths(path: Path) -> list[int]:
    """Of the transitions, as they are in a closed file."""
    with path.open("rb") as file:
        return [len(m.data) for _, _, m in make_reader(file).iter_messages(topics=["/replay"])]


@pytest.mark.parametrize(("cut", "left"), [(0, 12), (300, 11)])
def test_a_file_left_open_is_closed_with_each_state_once(tmp_path: Path, cut: int, left: int) -> None:
    kept = ReplayLog(tmp_path)
    for entry in LIVED:
        kept.write([entry])
    kept._lock.close()  # as if it had been killed
    path = tmp_path / "000000.mcap"
    os.truncate(path, path.stat().st_size - cut)
    ReplayLog(tmp_path).close()
    assert is_closed(path) and list(replay_log.read(tmp_path)) == LIVED[:left]
    whole = len(entry.data) if isinstance(entry, Stored) else 0
    assert lengths(path) == [whole, *[whole - 36] * 5, whole, *[whole - 36] * (left - 7)]


def test_after_a_full_disk_the_next_file_starts_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = ReplayLog(tmp_path)
    kept.write(LIVED[:2])

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(RecordError, match="free some disk space"):
        kept.write(LIVED[2:4])
    monkeypatch.undo()
    kept.write(LIVED[2:4])
    kept.close()
    assert list(replay_log.read(tmp_path)) == LIVED[:4]
    assert lengths(tmp_path / "000001.mcap")[0] == lengths(tmp_path / "000001.mcap")[1] + 36


def test_a_file_that_lacks_a_state_is_damaged(tmp_path: Path) -> None:
    """A message was removed by another program, and the next one cannot be completed."""
    sharing, path = StateSharing(), tmp_path / "000000.mcap"
    short = [sharing.shortened(entry.data) for entry in LIVED if isinstance(entry, Stored)]
    with path.open("wb") as file:
        writer, channels = begin(file)
        for data in (short[0], short[2]):
            add(writer, channels, Stored(data), 1, 1)
        writer.finish()
    with pytest.raises(RecordError, match=r"damaged .*transition 2 starts where the one before it ends"):
        list(replay_log.read(tmp_path))


def without_chunks(path: Path, held: list[Entry], closed: bool) -> None:
    """A file as version 0.1 wrote it."""
    with path.open("wb") as file:
        writer = Writer(file, use_chunking=False, index_types=IndexType.NONE, compression=CompressionType.NONE)
        writer.start(profile="ros2", library="zprl")
        for kind, topic in ((transition_codec.TYPE, "/replay"), ("std_msgs/msg/UInt64", "/learner/updates")):
            schema = writer.register_schema(name=kind, encoding="ros2msg", data=b"")
            writer.register_channel(topic=topic, message_encoding="cdr", schema_id=schema)
        for entry in held:
            data = entry.data if isinstance(entry, Stored) else UINT64.pack(HEADER, entry.updates)
            writer.add_message(1 if isinstance(entry, Stored) else 2, log_time=1, data=data, publish_time=1)
        if closed:
            writer.finish()
        else:
            file.write(b"\x05")  # the start of the next message


def test_files_without_chunks_of_earlier_versions_are_read_and_continued(tmp_path: Path) -> None:
    without_chunks(tmp_path / "000000.mcap", entries(4), closed=True)
    without_chunks(tmp_path / "000001.mcap", entries(3), closed=False)
    expected = [*entries(4), *entries(3)]
    assert list(replay_log.read(tmp_path)) == expected
    kept = ReplayLog(tmp_path)
    kept.write([UpdateMark(9)])
    kept.close()
    assert list(replay_log.read(tmp_path)) == [*expected, UpdateMark(9)]


def test_a_compressed_chunk_is_never_unpacked(tmp_path: Path) -> None:
    """A small one may hold gigabytes."""
    written(tmp_path)
    path = replay_log.segments(tmp_path)[0]
    with path.open("wb") as file:
        writer = Writer(file, compression=CompressionType.ZSTD)
        writer.start(profile="ros2", library="zprl")
        schema = writer.register_schema(name=transition_codec.TYPE, encoding="ros2msg", data=b"")
        writer.register_channel(topic="/replay", message_encoding="cdr", schema_id=schema)
        writer.add_message(1, log_time=1, data=b"x", publish_time=1)
        writer.finish()
    with pytest.raises(RecordError, match="compressed"):
        list(replay_log.read(tmp_path))
