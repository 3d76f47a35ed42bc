"""Copies a record into a bag of its own: also while its learner runs, or after the learner was killed."""

import shutil
from pathlib import Path

from zprl.delivery.bag_metadata import BagMetadata
from zprl.delivery.replay_log import segments
from zprl.delivery.segment import add, begin
from zprl.delivery.segment_reader import read_segment
from zprl_core.errors import RecordError, remedy


def export_bag(record: Path, target: Path) -> int:
    """Write every complete message of the record into the new folder `target`; returns their number.

    Raises RecordError if there is nothing to export, if `target` exists, if a file is damaged, or on a disk error;
    nothing is left in `target` then.
    """
    files = segments(record)
    if not files:
        raise RecordError(f"{record} holds no record; give the folder of a run whose learner has stored transitions")
    if target.exists():
        raise RecordError(f"{target} exists already; remove it, or choose another --output")
    part = target.with_name(f"{target.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        count = sum(_copy(file, part / file.name) for file in files)
        BagMetadata(part).write(segments(part))
        part.replace(target)
    except OSError as error:
        raise RecordError(f"cannot write {target}: {error}; {remedy(error)}") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return count


def _copy(source: Path, target: Path) -> int:
    """Copy the messages of one file, in chunks of the writer's usual size; returns their number.

    Each transition is written complete, for programs that do not know that the record leaves out shared states.
    """
    count = 0
    with target.open("wb") as file:
        writer, channels = begin(file)
        for entry, log_ns in read_segment(source):
            add(writer, channels, entry, log_ns, count)
            count += 1
        writer.finish()
    return count
