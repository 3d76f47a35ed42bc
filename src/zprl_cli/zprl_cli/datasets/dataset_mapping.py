"""Says which columns of a data set are the streams and the commands of a policy, as a YAML file."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from zprl_cli.datasets.columns import Source, columns_from
from zprl_cli.datasets.rotation_form import RotationForm
from zprl_core.action_spec import ActionSpec
from zprl_core.config.mapping_file import load_mapping_file
from zprl_core.errors import quoted
from zprl_core.obs import Obs
from zprl_core.observation import WIDTH
from zprl_core.observation_spec import ObservationSpec

DRAFTS = "zprl bags map drafts it"
HERE = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class DatasetMapping:
    """The streams of a task or a base in the columns of a data set."""

    like: str  # task, or folder of a base, whose observation and action spec the demonstrations get
    streams: Mapping[str, Source]  # by stream name
    obs: Obs = Obs.STATE  # what a policy of that task observes
    task: str = ""  # name of the task; "": like
    commands: Mapping[str, Source] = field(default_factory=dict)  # absolute commands of tool, joints or width
    closed_below_m: float = 0.0  # a measured opening below this counts as commanded to close; 0: none does
    base: tuple[float, float, float] = HERE  # position of the arm's base in the frame of the poses [m]
    rate_hz: float = 0.0  # control steps per second; 0: those of the action spec

    def __post_init__(self) -> None:
        if not 0.0 <= self.closed_below_m < 1.0:
            raise ValueError(f"closed_below_m is {self.closed_below_m}; write a width in meters, or remove it")
        if not 0.0 <= self.rate_hz <= 1000.0:
            raise ValueError(f"rate_hz is {self.rate_hz}; write the control steps per second, or remove it")

    def check(self, observation: ObservationSpec, action: ActionSpec) -> None:
        """Raises ValueError unless every stream has columns, and the commands are of the action's arms."""
        names = {stream.name for stream in observation.streams}
        if missing := sorted(names - self.streams.keys()):
            raise ValueError(f"streams lacks {', '.join(missing)}, which {self.like} observes; {DRAFTS}")
        if unknown := sorted(self.streams.keys() - names):
            raise ValueError(f"streams has {', '.join(unknown)}, which {self.like} does not observe; remove it")
        every = [str(source) for source in self.streams.values()]
        if twice := sorted({columns for columns in every if every.count(columns) > 1}):
            raise ValueError(f"streams has {', '.join(twice)} for two streams; each needs its own")
        known = {name for arm in action.arms for name in (arm.stream, arm.topic(WIDTH))}
        if unknown := sorted(self.commands.keys() - known):
            raise ValueError(f"commands has {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        told = names | self.commands.keys()
        grips = {arm.topic(WIDTH) for arm in action.arms if arm.gripper is not None}
        if blind := sorted((grips | {arm.stream for arm in action.arms}) - told):
            raise ValueError(f"nothing tells what {', '.join(blind)} did; add it to commands")


def load_dataset_mapping(path: Path) -> DatasetMapping:
    """Loads a mapping. Raises ValueError with the file, the cause and the remedy."""
    return load_mapping_file(path, _mapping)


def _mapping(given: Mapping[Any, Any]) -> DatasetMapping:
    known = {each.name for each in fields(DatasetMapping)}
    if unknown := [str(name) for name in given if name not in known]:
        raise ValueError(f"there is no setting {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    if lacking := [name for name in ("like", "streams") if not given.get(name)]:
        raise ValueError(f"{' and '.join(lacking)} is missing; {DRAFTS}")
    return DatasetMapping(
        _text(given["like"], "like"),
        _sources(given["streams"], "streams"),
        _choice(Obs, given.get("obs", Obs.STATE.value), "obs"),
        _text(given.get("task", ""), "task"),
        _sources(given.get("commands") or {}, "commands"),
        _number(given.get("closed_below_m", 0.0), "closed_below_m"),
        _place(given.get("base", list(HERE))),
        _number(given.get("rate_hz", 0.0), "rate_hz"),
    )


def _place(given: Any) -> tuple[float, float, float]:
    if not isinstance(given, list) or len(given) != 3:
        raise ValueError(f"base is {quoted(given)}; write its position in meters as [x, y, z]")
    x, y, z = (_number(value, "base") for value in given)
    return x, y, z


def _sources(given: Any, name: str) -> dict[str, Source]:
    if not isinstance(given, Mapping) or not all(isinstance(stream, str) for stream in given):
        raise ValueError(f"{name} must have columns for each stream: write tool: obs/eef_pos + obs/eef_quat, or so")
    return {stream: _source(value, f"{name}: {stream}") for stream, value in given.items()}


def _source(given: Any, name: str) -> Source:
    table = {"columns": given} if isinstance(given, str) else given
    known = {each.name for each in fields(Source)}
    if not isinstance(table, Mapping) or "columns" not in table:
        raise ValueError(f"{name} is {quoted(given)}; write its columns, or a table with columns")
    if unknown := [str(key) for key in table if key not in known]:
        raise ValueError(f"{name} has no setting {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    try:
        columns = columns_from(_text(table["columns"], "columns"))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    form = _choice(RotationForm, table.get("rotation", RotationForm.QUATERNION.value), f"{name}: rotation")
    scale, offset = (_number(table.get(key, usual), f"{name}: {key}") for key, usual in (("scale", 1.0), ("offset", 0)))
    return Source(columns, form, scale, offset)


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name} is {quoted(value)}; write it in quotes")
    return value


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name} is {quoted(value)}; write a finite number")
    return float(value)


def _choice(kind: Any, value: Any, name: str) -> Any:
    for choice in kind:
        if value == choice.value:
            return choice
    raise ValueError(f"{name} is {quoted(value)}; write {', '.join(choice.value for choice in kind)}")
