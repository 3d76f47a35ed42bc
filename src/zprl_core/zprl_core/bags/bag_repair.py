"""Completes a bag whose writer was killed."""

import shutil
from pathlib import Path

from zprl_core.bags.bag_list import described
from zprl_core.bags.bag_metadata import NAME
from zprl_core.bags.bag_reader import BagFile, bag_file, is_described
from zprl_core.bags.bag_topic import BagTopic
from zprl_core.bags.bag_writer import BagWriter
from zprl_core.errors import RecordError, remedy

CUT_OFF = "cut_off"  # metadata of a bag that was repaired: "true"


def repair(folder: Path) -> int:
    """Replaces the bag by one with every whole message of it, and returns their number.

    A bag that is complete stays as it is. Raises RecordError when nothing can be recovered, and on a disk error; no
    message is lost then.
    """
    source = bag_file(folder)
    if source.closed and is_described(folder):
        return sum(1 for _ in source.messages())
    topics, custom = source.topics(), source.metadata() | described(folder)
    if not topics:
        raise RecordError(f"{folder} has no whole message, so that nothing can be recovered; remove it")
    beside = folder.with_name(f".{folder.name}.repair")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        written = _copy(source, list(topics.values()), beside / folder.name, custom | {CUT_OFF: "true"})
        written.path.replace(folder / written.path.name)  # from here on the bag is complete but for its metadata.yaml
        (written.folder / NAME).replace(folder / NAME)
        if source.path.name != written.path.name:
            source.path.unlink()
    except OSError as error:
        raise RecordError(f"cannot repair {folder}: {error}; {remedy(error)}") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return written.messages


def _copy(source: BagFile, topics: list[BagTopic], target: Path, custom: dict[str, str]) -> BagWriter:
    writer = BagWriter(target, custom)
    try:
        for topic in topics:
            writer.add_topic(topic)
        for message in source.messages():
            writer.write(message.topic, message.data, message.received_ns, message.published_ns)
        writer.finish({})
    except OSError:
        writer.abandon()
        raise
    return writer
