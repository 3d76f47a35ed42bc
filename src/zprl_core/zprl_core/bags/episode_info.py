"""Reads from the metadata of a bag what its episode was."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zprl_core.action_spec import ActionSpec
from zprl_core.bags.bag_images import BagImages
from zprl_core.errors import quoted
from zprl_core.observation_spec import ObservationSpec


@dataclass(frozen=True)
class EpisodeInfo:
    """The episode of one bag. Stamps [ns] are of the robot's clock."""

    task: str
    label: str  # success, failure, timeout, discarded; "" if its end was not recorded
    started_ns: int
    ended_ns: int
    dropped: int  # messages that the recorder had to drop
    steps: int  # control steps, as the episode node counted them; 0 if it could not
    lockstep: bool  # the robot waited for each command
    observation: ObservationSpec
    action: ActionSpec
    latency: str = ""  # of the arm: ideal, real, impedance; "" in bags of earlier versions
    images: BagImages = BagImages.RAW

    @classmethod
    def read(cls, metadata: Mapping[str, str]) -> "EpisodeInfo":
        """Reads the metadata that the recorder node writes. Raises ValueError with what is missing or wrong."""
        if "configuration" not in metadata:
            raise ValueError("it was not recorded by zprl: its metadata has no configuration")
        try:
            configuration: Any = json.loads(metadata["configuration"])
            specs = configuration["observation"], configuration["action"]
            lockstep = configuration["options"]["lockstep"] is True
            latency = str(configuration.get("latency", ""))
            images = BagImages(metadata.get("images", BagImages.RAW.value))
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            raise ValueError(f"its configuration cannot be read: {quoted(error)}") from None
        if None in specs:
            raise ValueError("it was recorded without a policy, so that it has no observation spec")
        return cls(
            metadata.get("task", ""),
            metadata.get("label", ""),
            _number(metadata, "started_ns"),
            _number(metadata, "ended_ns"),
            _number(metadata, "dropped"),
            _number(metadata, "steps"),
            lockstep,
            ObservationSpec.from_json(specs[0]),
            ActionSpec.from_json(specs[1]),
            latency,
            images,
        )


def _number(metadata: Mapping[str, str], name: str) -> int:
    text = metadata.get(name, "")
    if not text.isdecimal():
        raise ValueError(f"its metadata has no {name}: the end of the episode was not recorded")
    return int(text)
