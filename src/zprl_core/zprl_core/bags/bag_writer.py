"""Writes one bag: a folder with an MCAP file, and metadata.yaml once the file is closed."""

import os
import shutil
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import yaml
from mcap.writer import CompressionType, Writer

from zprl_core.bags.bag_metadata import NAME, FileSummary, bag_information, metadata_yaml
from zprl_core.bags.bag_topic import BagTopic
from zprl_core.files import sync_folder

METADATA = "zprl"  # name of the MCAP record with the bag's own metadata


class BagWriter:
    """A bag that is being written. A killed writer leaves every message before its last `flush`.

    The metadata is in the file from the start, so that a bag which was cut off says what it is. For one thread. Raises
    OSError on a disk error, after which the bag must be left as it is.
    """

    def __init__(self, folder: Path, custom: Mapping[str, str]):
        """Creates the folder, or leaves none. `custom`: metadata, as text by name."""
        folder.mkdir(parents=True)
        self.folder, self._custom = folder, dict(custom)
        self.path = folder / f"{folder.name}_0.mcap"
        try:
            self._start()
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _start(self) -> None:
        self._file = self.path.open("xb", buffering=1 << 20)
        self._writer = Writer(self._file, compression=CompressionType.NONE, enable_data_crcs=True)
        self._writer.start(profile="ros2", library="zprl")
        self._writer.add_metadata(METADATA, self._custom)
        self._topics: dict[str, BagTopic] = {}
        self._channels: dict[str, int] = {}
        self._schemas: dict[str, int] = {}
        self._counts: Counter[str] = Counter()
        self._start_ns, self._end_ns = 1 << 63, 0
        self.flush()
        sync_folder(self.folder)

    @property
    def messages(self) -> int:
        """Number of messages written."""
        return sum(self._counts.values())

    def add_topic(self, topic: BagTopic) -> None:
        """Adds a topic; one that is known already changes nothing."""
        if topic.name in self._topics:
            return
        if topic.type not in self._schemas:
            self._schemas[topic.type] = self._writer.register_schema(
                name=topic.type, encoding="ros2msg", data=topic.definition.encode()
            )
        qos = yaml.safe_dump([qos.yaml for qos in topic.qos], sort_keys=False)
        self._channels[topic.name] = self._writer.register_channel(
            topic=topic.name,
            message_encoding="cdr",
            schema_id=self._schemas[topic.type],
            metadata={"offered_qos_profiles": qos, "topic_type_hash": topic.type_hash},
        )
        self._topics[topic.name] = topic

    def write(self, topic: str, data: bytes, received_ns: int, published_ns: int) -> None:
        """Appends a serialized message of a known topic. Times [ns] are of the clock of the bag's other messages."""
        self._writer.add_message(
            self._channels[topic],
            log_time=received_ns,
            data=data,
            publish_time=published_ns,
            sequence=self._counts[topic] & 0xFFFFFFFF,
        )
        self._counts[topic] += 1
        self._start_ns, self._end_ns = min(self._start_ns, received_ns), max(self._end_ns, received_ns)

    def flush(self) -> None:
        """Hands all messages to the operating system: a process that is killed now loses none of them."""
        self._writer.flush()
        self._file.flush()

    def finish(self, custom: Mapping[str, str]) -> None:
        """Closes the file and writes metadata.yaml. `custom`: further metadata, known only now."""
        self._custom |= custom
        self._writer.add_metadata(METADATA, self._custom)
        start = min(self._start_ns, self._end_ns)
        information = bag_information(
            list(self._topics.values()), FileSummary(self.path.name, start, self._end_ns, self._counts), self._custom
        )
        self._writer.add_metadata("rosbag2", {"serialized_metadata": yaml.safe_dump(information, sort_keys=False)})
        self._writer.finish()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        new = self.folder / f"{NAME}.new"
        new.write_text(metadata_yaml(information))
        new.replace(self.folder / NAME)
        sync_folder(self.folder)

    def abandon(self) -> None:
        """Closes the file as it is, after a disk error or for a bag that is to be deleted."""
        with suppress(OSError):
            self._file.close()
