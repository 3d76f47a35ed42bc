"""The record: whole messages, whatever happened to their writer, and files that others can open."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from mcap.reader import make_reader

from experience import message
from zprl.delivery import replay_log, transition_codec
from zprl.delivery.replay_log import Entry, ReplayLog, Stored, UpdateMark
from zprl_core.errors import RecordError

WRITER = """
import sys
from pathlib import Path
from zprl.delivery.replay_log import ReplayLog, Stored, UpdateMark
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
    kept.write(entries(10))
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
    with pytest.raises(RecordError, match="another learner writes"):
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
