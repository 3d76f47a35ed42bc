"""Says which topics of another recorder's bags are the streams of a policy, as a YAML file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from zprl_core.bags.bag_topic import BagTopic
from zprl_core.config.mapping_file import load_mapping_file
from zprl_core.errors import quoted
from zprl_core.obs import Obs

LABELS = ("success", "failure", "timeout")
SHARED = "sensor_msgs/msg/JointState"  # type of a topic that has several streams: joints, and the gripper's opening


@dataclass(frozen=True)
class BagMapping:
    """The streams of a task or a base in the bags of another recorder; one bag is one episode."""

    like: str  # task, or folder of a base, whose observation and action spec the demonstrations get
    topics: Mapping[str, str]  # topic of each stream
    obs: Obs = Obs.STATE  # what a policy of that task observes
    task: str = ""  # name of the task; "": like
    label: str = "success"  # of every episode
    frame: str = ""  # frame_id of the poses in the bags that is the base frame of the spec; "": the spec's own name
    commands: Mapping[str, str] = field(default_factory=dict)  # topic with the commanded tool, joints or width
    closed_below_m: float = 0.0  # a measured opening below this counts as commanded to close; 0: none does

    def __post_init__(self) -> None:
        if self.label not in LABELS:
            raise ValueError(f"label is {quoted(self.label)}; write {', '.join(LABELS[:-1])} or {LABELS[-1]}")
        if empty := [name for name, topic in {**self.topics, **self.commands}.items() if not topic]:
            raise ValueError(f"{', '.join(empty)} has no topic; write the name of the topic in the bags")
        if not 0.0 <= self.closed_below_m < 1.0:
            raise ValueError(f"closed_below_m is {self.closed_below_m}; write a width in meters, or remove it")

    def check(self, streams: Iterable[str], commanded: Iterable[str], alike: Iterable[str] = ()) -> None:
        """Raises ValueError unless every stream has a topic of its own, and commands are of these streams.

        `alike`: streams that may share one.
        """
        wanted, known = set(streams), set(commanded)
        if missing := sorted(wanted - self.topics.keys()):
            raise ValueError(f"topics lacks {', '.join(missing)}, which {self.like} observes; zprl bags map drafts it")
        if unknown := sorted(self.topics.keys() - wanted):
            raise ValueError(f"topics has {', '.join(unknown)}, which {self.like} does not observe; remove it")
        own = [topic for name, topic in self.topics.items() if name not in alike]
        if twice := sorted({topic for topic in own if own.count(topic) > 1}):
            raise ValueError(f"topics has {', '.join(twice)} for two streams; each needs its own")
        if unknown := sorted(self.commands.keys() - known):
            raise ValueError(f"commands has {', '.join(unknown)}; known are {', '.join(sorted(known))}")


def load_mapping(path: Path) -> BagMapping:
    """Loads a mapping. Raises ValueError with the file, the cause and the remedy."""
    return load_mapping_file(path, _mapping)


def draft(bag: str, like: str, obs: Obs, types: Mapping[str, Sequence[str]], topics: Iterable[BagTopic]) -> str:
    """Returns the text of a mapping for the streams in `types` (topic of the live stream, and types, by name).

    Each stream gets the topic of its type whose name is the most similar; the others are in a comment. Only joints and
    a width may share one.
    """
    known = list(topics)
    lines = [
        f"# Streams in bags like {bag}. Check each topic; one bag is one episode.",
        f"like: {like}",
        f"obs: {obs.value}",
        "label: success",
        "# frame: panda_link0      # frame_id of the poses, if it is another name for the arm's base",
        "# closed_below_m: 0.06    # a measured opening below this was commanded to close",
        "topics:",
    ]
    kinds = {stream: tuple(described[1:]) for stream, described in types.items()}
    chosen = _chosen(types, kinds, known)
    for stream, kind in kinds.items():
        found = chosen.get(stream)
        others = [topic.name for topic in known if topic.type in kind and topic.name != found]
        if found is None:
            lines.append(f"  {stream}: ''    # the bag has no{' other' if others else ''} {' or '.join(kind)}")
        else:
            lines.append(f"  {stream}: {found}" + (f"    # or {', '.join(sorted(others))}" if others else ""))
    lines += [
        "# commands:               # what the arm was commanded; by default what was measured in the next step",
        "#   tool: /target_pose",
    ]
    return "\n".join(lines) + "\n"


def _chosen(
    types: Mapping[str, Sequence[str]], kinds: Mapping[str, Sequence[str]], topics: Sequence[BagTopic]
) -> dict[str, str]:
    """Returns the topic of each stream, the most similar pairs first; no topic twice, but for joint states."""
    pairs = [(_alike(t.name, stream, " ".join(types[stream][:2])), stream, t.name) for stream in types for t in topics]
    fits = {(stream, t.name) for stream in types for t in topics if t.type in kinds[stream]}
    chosen: dict[str, str] = {}
    for _, stream, name in sorted(pairs, reverse=True):
        if (stream, name) in fits and stream not in chosen and (SHARED in kinds[stream] or name not in chosen.values()):
            chosen[stream] = name
    return chosen


def _alike(name: str, stream: str, live: str) -> float:
    shared = sum(part in name for part in stream.split("/"))
    return shared + SequenceMatcher(None, name.strip("/"), live).ratio()


def _mapping(given: Mapping[Any, Any]) -> BagMapping:
    known = {each.name for each in fields(BagMapping)}
    if unknown := [str(name) for name in given if name not in known]:
        raise ValueError(f"there is no setting {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    if lacking := [name for name in ("like", "topics") if not given.get(name)]:
        raise ValueError(f"{' and '.join(lacking)} is missing; zprl bags map drafts it")
    texts = {name: given[name] for name in ("like", "task", "label", "frame") if name in given}
    if wrong := [name for name, value in texts.items() if not isinstance(value, str)]:
        raise ValueError(f"{wrong[0]} is {quoted(texts[wrong[0]])}; write it in quotes")
    width = given.get("closed_below_m", 0.0)
    if isinstance(width, bool) or not isinstance(width, int | float):
        raise ValueError(f"closed_below_m is {quoted(width)}; write a width in meters")
    return BagMapping(
        **texts,
        topics=_names(given["topics"], "topics"),
        commands=_names(given.get("commands") or {}, "commands"),
        obs=_obs(given.get("obs", Obs.STATE.value)),
        closed_below_m=float(width),
    )


def _names(given: Any, name: str) -> dict[str, str]:
    if not isinstance(given, Mapping) or not all(isinstance(x, str) for pair in given.items() for x in pair):
        raise ValueError(f"{name} must have a topic for each stream: write tool: /arm/current_pose, for example")
    return {stream: topic if topic.startswith("/") or not topic else f"/{topic}" for stream, topic in given.items()}


def _obs(value: Any) -> Obs:
    for obs in Obs:
        if value == obs.value:
            return obs
    raise ValueError(f"obs is {quoted(value)}; write {' or '.join(obs.value for obs in Obs)}")
