"""The doors that what a run has stored comes through: its record, its journals, and both with checkpoints."""

from functools import partial
from pathlib import Path
from random import Random

from fuzz_samples import SOURCE, learner, message, train
from fuzz_target import Enter, FuzzTarget
from mutated_folders import files_in, mutated_folder, put
from mutators import mutate, seeds
from zprl.delivery import replay_log
from zprl.delivery.durable_learner import DurableLearner
from zprl.delivery.journal import Journal, JournalError
from zprl.delivery.segment import Stored, UpdateMark, add, begin
from zprl.delivery.transition_codec import renumbered
from zprl_core.errors import CheckpointError, RecordError


def _recording(folder: Path) -> Enter:
    """Read, then opened for writing: a file that was not closed is closed then. Often the file was left open."""
    train(folder / "good")
    whole = (folder / "good" / "record" / "000000.mcap").read_bytes()
    torn = whole[: whole.index(b"\x0f\x04\x00\x00\x00") if b"\x0f\x04\x00\x00\x00" in whole else -200]

    def enter(seed: bytes) -> bool:
        rng = Random(seed)
        place = put(folder / "bad", {})
        names = rng.sample(
            ["000000.mcap", "000001.mcap", "²³.mcap", "7.mcap", "000001.mcap.new"], rng.choice((1, 1, 2))
        )
        for name in names:
            (place / name).write_bytes(mutate(rng, [whole, torn, torn]))
        if rng.random() < 0.01:
            (place / "000003.mcap").mkdir()
        refused = 0
        for use in (_read_record, _write_record):
            try:
                use(place)
            except RecordError as error:
                refused, last = refused + 1, error
        if refused:
            raise last
        return False

    return enter


def _read_record(place: Path) -> None:
    for entry in replay_log.read(place):
        if isinstance(entry, Stored) and len(entry.data) > 1 << 20:
            raise AssertionError("an entry is larger than its file")


def _write_record(place: Path) -> None:
    writer = replay_log.ReplayLog(place)
    try:
        writer.write([UpdateMark(1), Stored(message(1))])
    finally:
        writer.close()
    _read_record(place)


def _returning(folder: Path) -> Enter:
    """A learner comes back to a damaged record and damaged checkpoints."""
    train(folder / "good")
    good = files_in(folder / "good")
    good = {name: data for name, data in good.items() if not name.endswith(".lock")}

    def enter(seed: bytes) -> bool:
        rng = Random(seed)
        files = mutated_folder(rng, good) if rng.random() < 0.5 else {**good, "record/000000.mcap": _marked(rng)}
        place = put(folder / "bad", files)
        durable = DurableLearner("run", learner(), place / "record", place / "actor", publish_every=2)
        try:
            if durable.learner.sac.updates > 10_000 or not 0 <= durable.actor_version < 1 << 50:
                raise AssertionError(f"a learner came back with {durable.learner.sac.updates} updates")
            durable.introduce(SOURCE, 24)
            durable.offer([message(durable.sequences.next(SOURCE))])
            durable.save()
        finally:
            durable.close()
        return False

    return enter


def _marked(rng: Random) -> bytes:
    """A record whose every checksum is right, and which says something absurd."""
    import io

    out = io.BytesIO()
    writer, channels = begin(out)
    for k in range(rng.choice((0, 5, 20))):
        add(writer, channels, Stored(mutate(rng, [message(k)]) if rng.random() < 0.05 else message(k)), k, k)
    add(writer, channels, UpdateMark(rng.choice((0, 1, 10, 10**6, 2**40, 2**63, 2**64 - 1))), 1, 1)
    writer.finish()
    return out.getvalue()


def _padded(size: int, k: int) -> bytes:
    return message(k) + bytes(size)


def _keeping(folder: Path) -> Enter:
    """A journal, with or without its log, is opened and used."""
    samples = []
    for count, size, forgotten, closed in ((0, 0, 0, True), (6, 0, 2, True), (40, 3000, 0, True), (9, 0, 3, False)):
        path = folder / f"{count}" / "journal.sqlite"
        journal = Journal(path)
        journal.append([partial(_padded, size)] * count)
        journal.forget(forgotten)
        if closed:
            journal.close()
        samples.append(files_in(path.parent))

    def enter(seed: bytes) -> bool:
        rng = Random(seed)
        place = put(folder / "bad", mutated_folder(rng, rng.choice(samples), repair=False))
        journal = Journal(place / "journal.sqlite")
        try:
            sizes = [len(data) for data in journal.read(journal.first, journal.next)]
            if len(sizes) != len(journal) or not 0 <= journal.first <= journal.next < 1 << 62:
                raise AssertionError(f"{len(sizes)} of {journal.first} to {journal.next}")
            journal.append([message, message])
            journal.forget(journal.next - 1)
            journal.renew(renumbered)
            if journal.size_bytes < 1 or len(journal) != 1:
                raise AssertionError("the journal is not what was written")
        finally:
            journal.close()
        return journal.set_aside is not None

    return enter


RECORD_TARGETS = (
    FuzzTarget("record (MCAP)", 0.0, seeds, _recording, (RecordError,), least=2000),
    FuzzTarget("run of a learner", 0.0, seeds, _returning, (RecordError, CheckpointError), least=2000),
    FuzzTarget("journal (SQLite)", 0.0, seeds, _keeping, (JournalError,), least=2000),
)
