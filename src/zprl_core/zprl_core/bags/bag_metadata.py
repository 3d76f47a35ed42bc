"""The content of metadata.yaml, which makes a folder with MCAP files a bag for rosbag2 and rosbags."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from zprl_core.bags.bag_topic import BagTopic

NAME = "metadata.yaml"
VERSION = 9  # of rosbag2's metadata: that of Jazzy and Kilted
DISTRO = "kilted"


@dataclass(frozen=True)
class FileSummary:
    """One closed file of a bag. Times of the first and the last message [ns]; messages by topic."""

    name: str
    start_ns: int
    end_ns: int
    counts: Mapping[str, int]


def bag_information(topics: Sequence[BagTopic], file: FileSummary, custom: Mapping[str, str]) -> dict[str, Any]:
    """Returns what rosbag2 keeps about a bag of one file."""
    count = sum(file.counts.values())
    times = {
        "starting_time": {"nanoseconds_since_epoch": file.start_ns},
        "duration": {"nanoseconds": max(0, file.end_ns - file.start_ns)},
    }
    return {
        "version": VERSION,
        "storage_identifier": "mcap",
        **times,
        "message_count": count,
        "topics_with_message_count": [
            {"topic_metadata": _topic(topic), "message_count": file.counts.get(topic.name, 0)} for topic in topics
        ],
        "compression_format": "",
        "compression_mode": "",
        "relative_file_paths": [file.name],
        "files": [{"path": file.name, **times, "message_count": count}],
        "custom_data": dict(custom),
        "ros_distro": DISTRO,
    }


def metadata_yaml(information: Mapping[str, Any]) -> str:
    """Returns the text of metadata.yaml."""
    return yaml.safe_dump({"rosbag2_bagfile_information": dict(information)}, sort_keys=False, allow_unicode=True)


def _topic(topic: BagTopic) -> dict[str, Any]:
    return {
        "name": topic.name,
        "type": topic.type,
        "serialization_format": "cdr",
        "offered_qos_profiles": [qos.yaml for qos in topic.qos],
        "type_description_hash": topic.type_hash,
    }
