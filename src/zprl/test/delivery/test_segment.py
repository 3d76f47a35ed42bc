"""The times of writing in a segment."""

from pathlib import Path

import pytest
from mcap.reader import make_reader

from experience import message
from zprl.delivery import segment
from zprl.delivery.segment import Segment, Stored


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
