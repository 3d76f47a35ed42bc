"""A record is copied into a bag while it is written, and after its writer was killed."""

from pathlib import Path

import pytest
import yaml
from mcap.reader import make_reader

from experience import lived, message
from zprl.delivery import replay_log
from zprl.delivery.bag_export import export_bag
from zprl.delivery.replay_log import ReplayLog
from zprl.delivery.segment import Stored, UpdateMark
from zprl.delivery.transition_codec import Key, encode
from zprl_core.errors import RecordError


def written(folder: Path) -> ReplayLog:
    kept = ReplayLog(folder, segment_bytes=3000)
    for k in range(10):
        kept.write([UpdateMark(k), Stored(message(k))])
    return kept


@pytest.mark.parametrize("killed", [False, True])
def test_everything_that_is_complete_is_copied(tmp_path: Path, killed: bool) -> None:
    kept = written(tmp_path / "record")
    if killed:
        kept._lock.close()
        last = replay_log.segments(tmp_path / "record")[-1]
        last.write_bytes(last.read_bytes() + b"\x06\xff")  # the start of the next chunk
    held = list(replay_log.read(tmp_path / "record"))
    assert export_bag(tmp_path / "record", tmp_path / "bag") == len(held) == 20
    assert list(replay_log.read(tmp_path / "bag")) == held
    for path in replay_log.segments(tmp_path / "bag"):
        with path.open("rb") as file:
            summary = make_reader(file, validate_crcs=True).get_summary()
        assert summary is not None and len(summary.chunk_indexes) == 1
    bag = yaml.safe_load((tmp_path / "bag" / "metadata.yaml").read_text())["rosbag2_bagfile_information"]
    assert bag["message_count"] == 20
    if not killed:
        kept.write([UpdateMark(99)])  # the learner goes on
        kept.close()


def test_what_cannot_be_exported_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="holds no record"):
        export_bag(tmp_path / "nowhere", tmp_path / "bag")
    written(tmp_path / "record").close()
    (tmp_path / "there").mkdir()
    with pytest.raises(RecordError, match="exists already"):
        export_bag(tmp_path / "record", tmp_path / "there")
    first = replay_log.segments(tmp_path / "record")[0]
    data = bytearray(first.read_bytes())
    data[len(data) // 2] ^= 1
    first.write_bytes(data)
    with pytest.raises(RecordError, match="damaged"):
        export_bag(tmp_path / "record", tmp_path / "bag")
    assert not list(tmp_path.glob("bag*"))


def test_every_exported_transition_is_complete(tmp_path: Path) -> None:
    sent = [encode(Key("run", "robot", 7, k), t) for k, t in enumerate(lived(10))]
    kept = ReplayLog(tmp_path / "record")
    kept.write([Stored(data) for data in sent])
    kept.close()
    export_bag(tmp_path / "record", tmp_path / "bag")
    with (tmp_path / "bag" / "000000.mcap").open("rb") as file:
        assert [m.data for _, _, m in make_reader(file).iter_messages()] == sent
    with (tmp_path / "record" / "000000.mcap").open("rb") as file:
        assert sum(len(m.data) < len(sent[0]) for _, _, m in make_reader(file).iter_messages()) == 8
