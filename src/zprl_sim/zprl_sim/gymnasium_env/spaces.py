"""Converts Gymnasium spaces to observation and action specs, and observations to samples."""

import re
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Dict

from zprl_core.action_spec import ActionSpec, VectorAction
from zprl_core.observation import Sample
from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec

STATE = "state"  # stream of an observation that is not a Dict
REMEDY = (
    "convert it to a one-dimensional Box or to a uint8 image (h, w, 1 or 3) by gymnasium.wrappers.FlattenObservation "
    "or TransformObservation, or drop its key by FilterObservation"
)


@dataclass(frozen=True)
class ObservationStreams:
    """The streams of an observation space: one for each Box of a Dict, with nested keys joined by "/"."""

    spec: ObservationSpec
    paths: tuple[tuple[str, ...], ...]  # the keys that lead to each stream

    @classmethod
    def from_space(cls, space: gymnasium.Space[Any]) -> "ObservationStreams":
        """Returns the streams of a space. Raises ValueError naming a space that cannot be a stream."""
        paths = _paths(space)
        streams = tuple(_stream(_name(path), _leaf(space, path)) for path in paths)
        if not streams:
            raise ValueError(f"the observation space {space} is empty; {REMEDY}")
        return cls(ObservationSpec(streams), paths)

    def samples(self, observation: Any) -> dict[str, Sample]:
        """Returns the sample of each stream: (n,) float32, or (h, w, c) uint8."""
        samples: dict[str, Sample] = {}
        for stream, path in zip(self.spec.streams, self.paths, strict=True):
            value = _leaf(observation, path)
            dtype = np.uint8 if stream.kind == StreamKind.IMAGE else np.float32
            samples[stream.name] = np.array(value, dtype)  # a copy: environments reuse their arrays
        return samples


def action_spec(space: gymnasium.Space[Any], rate_hz: float) -> ActionSpec:
    """Returns a vector action, scaled to [-1, 1]. Raises ValueError unless the space is a finite 1-D Box of floats."""
    if not isinstance(space, Box) or not np.issubdtype(space.dtype, np.floating) or len(space.shape) != 1:
        raise ValueError(
            f"the action space is {space}; it must be a one-dimensional Box of floats: wrap the environment by "
            "gymnasium.wrappers.TransformAction"
        )
    wrong = [i for i, (a, b) in enumerate(zip(space.low, space.high, strict=True)) if not a < b or np.isinf(b - a)]
    if wrong or not space.shape[0]:
        raise ValueError(
            f"the action space {space} has no finite range for its components {wrong or 'at all'}; wrap the "
            "environment by gymnasium.wrappers.TransformAction with a Box of finite low < high"
        )
    return ActionSpec((), VectorAction(tuple(space.low.tolist()), tuple(space.high.tolist())), rate_hz)


def _paths(space: gymnasium.Space[Any], above: tuple[str, ...] = ()) -> tuple[tuple[str, ...], ...]:
    if not isinstance(space, Dict):
        return (above,)
    return tuple(path for key, inner in space.items() for path in _paths(inner, (*above, key)))


def _name(path: tuple[str, ...]) -> str:
    """Joins keys by slashes; characters that a stream's name cannot contain become underscores."""
    return "/".join(re.sub(r"\W|^(?=\d)", "_", str(key)) for key in path) or STATE


def _leaf(tree: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def _stream(name: str, space: gymnasium.Space[Any]) -> StreamSpec:
    kind = _kind(space)
    if kind is None:
        raise ValueError(f"observation {name} has the space {space}, which cannot be a stream; {REMEDY}")
    try:
        return StreamSpec(name, name, kind, space.shape or ())
    except ValueError as error:  # its name, or its size
        raise ValueError(f"observation {name}: {error}; {REMEDY}") from None


def _kind(space: gymnasium.Space[Any]) -> StreamKind | None:
    if not isinstance(space, Box):
        return None
    if len(space.shape) == 1:
        return StreamKind.VECTOR
    is_image = len(space.shape) == 3 and space.shape[2] in (1, 3) and space.dtype == np.uint8
    return StreamKind.IMAGE if is_image else None
