"""A recorded topic as a bag describes it."""

from dataclasses import dataclass
from typing import Any

import yaml


@dataclass(frozen=True)
class BagQos:
    """The quality of service that a publisher offers, in rosbag2's words. Durations are (seconds, nanoseconds)."""

    depth: int
    history: str = "keep_last"
    reliability: str = "reliable"
    durability: str = "volatile"
    deadline: tuple[int, int] = (0, 0)
    lifespan: tuple[int, int] = (0, 0)
    liveliness: str = "automatic"
    lease: tuple[int, int] = (0, 0)

    @property
    def yaml(self) -> dict[str, Any]:
        """The profile as rosbag2 writes it since version 9 of its metadata."""
        seconds = {"deadline": self.deadline, "lifespan": self.lifespan, "liveliness_lease_duration": self.lease}
        return {
            "history": self.history,
            "depth": self.depth,
            "reliability": self.reliability,
            "durability": self.durability,
            "liveliness": self.liveliness,
            **{name: {"sec": sec, "nsec": nsec} for name, (sec, nsec) in seconds.items()},
            "avoid_ros_namespace_conventions": False,
        }


@dataclass(frozen=True)
class BagTopic:
    """Name, type and quality of service of a topic. `definition` and `type_hash` as in `message_definition`."""

    name: str
    type: str
    definition: str
    type_hash: str = ""
    qos: tuple[BagQos, ...] = ()


def read_qos(text: str) -> tuple[BagQos, ...]:
    """Reads the profiles that a bag keeps as YAML; none where they are missing or of an older form."""
    try:
        return tuple(_profile(given) for given in yaml.safe_load(text) or ())
    except (yaml.YAMLError, AttributeError, LookupError, TypeError, ValueError, RecursionError):
        return ()


def _profile(given: dict[str, Any]) -> BagQos:
    def duration(name: str) -> tuple[int, int]:
        value = given[name]
        return int(value["sec"]), int(value["nsec"])

    words = {name: given[name] for name in ("history", "reliability", "durability", "liveliness")}
    if not all(isinstance(word, str) for word in words.values()):
        raise TypeError("numbers, as before version 9")
    return BagQos(
        int(given["depth"]),
        **words,
        deadline=duration("deadline"),
        lifespan=duration("lifespan"),
        lease=duration("liveliness_lease_duration"),
    )
