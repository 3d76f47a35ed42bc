"""The origin of a record, an actor or a result: the base, the task and the learning settings that it was made with."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from zprl.checkpoints.fingerprint import read_fingerprint, short
from zprl.checkpoints.metadata import read_base_config, read_metadata
from zprl.rl.config import NoiseConfig, SteeringConfig
from zprl_core.action_spec import ActionSpec
from zprl_core.config.flatten import flatten, unflatten
from zprl_core.config.validate import check_types
from zprl_core.errors import RecordError
from zprl_core.observation_spec import ObservationSpec
from zprl_core.spec_difference import difference

T = TypeVar("T", SteeringConfig, NoiseConfig)


class OriginError(RecordError):
    """Something was made with another base, task or steering; the message shows both and says what to do.

    `run`: the run folder that it belongs to, so that a command can offer a new run beside it; None if there is none.
    """

    def __init__(self, message: str, run: Path | None = None):
        super().__init__(message)
        self.run = run


@dataclass(frozen=True)
class Origin:
    """Fields of earlier versions are unknown: "" or None. An unknown value agrees with every value."""

    observation: ObservationSpec
    action: ActionSpec
    base: str = ""  # fingerprint
    base_folder: str = ""  # where the base was, for messages
    base_task: str = ""  # task that the base was pretrained for
    task: str = ""  # task of the robot
    preset: str = ""
    steering: SteeringConfig | None = None
    flow_noise: NoiseConfig | None = None

    @property
    def base_text(self) -> str:
        """The base for a message: its fingerprint and its folder."""
        return f"{short(self.base)} ({self.base_folder})" if self.base_folder else short(self.base)

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON file."""
        return {
            "observation": self.observation.to_json(),
            "action": self.action.to_json(),
            "base": {"fingerprint": self.base, "folder": self.base_folder, "task": self.base_task},
            "task": self.task,
            "preset": self.preset,
            "steering": None if self.steering is None else flatten(self.steering),
            "flow_noise": None if self.flow_noise is None else flatten(self.flow_noise),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Origin":
        """Rebuild an origin; a file of an earlier version has only specs. Raises various errors if it is damaged."""
        base = _texts(value.get("base", {}), ("fingerprint", "folder", "task"))
        chosen = _texts(value, ("task", "preset"))
        return cls(
            ObservationSpec.from_json(value["observation"]),
            ActionSpec.from_json(value["action"]),
            base["fingerprint"],
            base["folder"],
            base["task"],
            chosen["task"],
            chosen["preset"],
            _settings(SteeringConfig, value, "steering"),
            _settings(NoiseConfig, value, "flow_noise"),
        )


def read_origin(
    base: str | Path,
    task: str = "",
    preset: str = "",
    steering: SteeringConfig | None = None,
    flow_noise: NoiseConfig | None = None,
) -> Origin:
    """Make the origin of what is made now, with the base in that folder. Raises CheckpointError."""
    folder = Path(base)
    base_task = read_metadata(folder).get("task")
    config, name = read_base_config(folder), base_task if isinstance(base_task, str) else ""
    fingerprint = read_fingerprint(folder)
    return Origin(config.observation, config.action, fingerprint, str(folder), name, task, preset, steering, flow_noise)


def merged(then: Origin, now: Origin) -> Origin:
    """Return `then`, with its unknown values filled from `now`."""
    pairs = ((item.name, getattr(then, item.name) or getattr(now, item.name)) for item in fields(Origin))
    return Origin(**dict(pairs))


def differing(then: Origin, now: Origin) -> dict[str, tuple[str, str]]:
    """Return the known values that differ, by name, each then and now; specs are not among them."""
    pairs = {
        "base": (then.base_text, now.base_text) if then.base != now.base and then.base and now.base else ("", ""),
        "task": (then.task, now.task),
        "preset": (then.preset, now.preset),
        "steering": (_text(then.steering), _text(now.steering)),
        "flow noise": (_text(then.flow_noise), _text(now.flow_noise)),
    }
    return {name: pair for name, pair in pairs.items() if all(pair) and pair[0] != pair[1]}


def origin_difference(then: Origin, now: Origin, name: str) -> str:
    """Return a table of what differs between two origins; "" when nothing does. `name`: heading of the first."""
    specs = difference((then.observation, then.action), (now.observation, now.action), name, "now")
    rows = [("", name, "now"), *((key, *pair) for key, pair in differing(then, now).items())]
    if len(rows) == 1:
        return specs
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = ("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join([*(f"  {line}" for line in lines), *specs.splitlines()[1:]])


def _text(settings: SteeringConfig | NoiseConfig | None) -> str:
    return "" if settings is None else settings.text


def _texts(value: Any, names: tuple[str, ...]) -> dict[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(value.get(name, ""), str) for name in names):
        raise ValueError(f"{', '.join(names)} must be texts")
    return {name: value.get(name, "") for name in names}


def _settings(kind: type[T], origin: Mapping[str, Any], name: str) -> T | None:
    value = origin.get(name)
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} must be an object")
    flat = {**flatten(kind()), **value}
    check_types(kind, flat)
    return unflatten(kind, flat)
