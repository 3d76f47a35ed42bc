"""The times of writing in a segment."""

from pathlib import Path

import pytest
from mcap.reader import make_reader

from experience import lived, message
from zprl.delivery import segment
from zprl.delivery.segment import Segment, Stored
from zprl.delivery.segment_reader import read_segment
from zprl.delivery.transition_codec import Key, encode


def test_a_clock_set_back_does_not_change_the_order_for_readers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readers sort by the time of writing."""
    times = iter([5_000, 5_001, 1_000, 6_000])
    monkeypatch.setattr(segment.time, "time_ns", lambda: next(times))
    written = Segment(tmp_path / "000000.mcap")
    for k in range(4):
        written.write([Stored(message(k))])
    written.finish()
    with (tmp_path / "000000.mcap").open("rb") as file:
        found = [m for _, channel, m in make_reader(file).iter_messages() if channel.topic == "/replay"]
    assert [(m.log_time, m.data) for m in found] == [
        (time_ns, message(k)) for k, time_ns in enumerate([5_000, 5_001, 5_001, 6_000])
    ]


def test_a_file_holds_each_shared_state_once_and_is_complete_alone(tmp_path: Path) -> None:
    """Two robots by turns, in two files: the second file does not need the first."""
    made = lived(8, length=8)
    sent = [encode(Key("run", robot, 7, k), made[k]) for k in range(8) for robot in ("robot_1", "robot_2")]
    for number, part in enumerate((sent[:8], sent[8:])):
        path = tmp_path / f"{number:06d}.mcap"
        written = Segment(path)
        for data in part:
            written.write([Stored(data)])
        written.finish()
        assert [entry.data for entry, _ in read_segment(path) if isinstance(entry, Stored)] == part
        with path.open("rb") as file:
            lengths = [len(m.data) for _, _, m in make_reader(file).iter_messages()]
        assert lengths == [len(sent[0])] * 2 + [len(sent[0]) - 36] * 6
