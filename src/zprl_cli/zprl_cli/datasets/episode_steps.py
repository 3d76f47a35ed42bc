"""Control steps from the arrays of an episode, by a mapping of columns to streams and commands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zprl_cli.datasets.columns import Source
from zprl_cli.datasets.dataset_episode import DatasetEpisode
from zprl_cli.datasets.dataset_mapping import DatasetMapping
from zprl_cli.datasets.physical import Numbers, pose_from
from zprl_core.action_spec import ActionSpec
from zprl_core.arm_action import ArmAction, JointAction
from zprl_core.bags.bag_step import BagStep
from zprl_core.bags.mapped_target import MappedTarget
from zprl_core.errors import RecordError
from zprl_core.observation import WIDTH, Observation, Sample
from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec
from zprl_core.rotation import Rotation


@dataclass(frozen=True)
class EpisodeSteps:
    """The control steps of an episode in which an arm is to move, and how many were left out."""

    steps: tuple[BagStep, ...]
    paused: int


class StepReader:
    """Makes control steps of the episodes of a data set."""

    def __init__(
        self, path: Path, mapping: DatasetMapping, observation: ObservationSpec, action: ActionSpec, whole: bool = False
    ):
        """`whole`: steps without motion are kept, as in an export of zprl, which has none to leave out."""
        self._path, self._mapping, self._whole = path, mapping, whole
        self._observation, self._action = observation, action
        self._targets = MappedTarget(frozenset(mapping.commands), mapping.closed_below_m)
        self._commands = commanded_streams(observation, action, mapping)

    def steps(self, episode: DatasetEpisode) -> EpisodeSteps:
        """Returns the steps of an episode; the last one is left out if its target is measured after it.

        Raises ValueError when a number cannot be used.
        """
        seen = self._samples(episode, self._mapping.streams, {s.name: s for s in self._observation.streams})
        sent = self._samples(episode, self._mapping.commands, self._commands)
        wanted = {name for arm in self._action.arms for name in targeted(arm)}
        ahead = 0 if wanted <= sent.keys() else 1
        period_ns, paused = round(1e9 / self._action.rate_hz), 0
        found = []
        for i in range(len(next(iter(seen.values()))) - ahead):
            observation = Observation(i * period_ns, {name: samples[i] for name, samples in seen.items()})
            after = {name: samples[i + ahead] for name, samples in seen.items()}
            after |= {name: samples[i] for name, samples in sent.items()}
            targets = {arm.arm: self._targets.target(arm, after) for arm in self._action.arms}
            moves = (self._targets.moves(arm, targets[arm.arm], observation) for arm in self._action.arms)
            if self._whole or any(moves):
                found.append(BagStep(i, i * period_ns, observation, targets, clipped=False, person=True))
            else:
                paused += 1
        return EpisodeSteps(tuple(found), paused)

    def _samples(
        self, episode: DatasetEpisode, sources: Mapping[str, Source], streams: Mapping[str, StreamSpec]
    ) -> dict[str, list[Sample]]:
        return {name: list(self._of(episode, source, streams[name])) for name, source in sources.items()}

    def _of(self, episode: DatasetEpisode, source: Source, stream: StreamSpec) -> Iterator[Sample]:
        if stream.kind == StreamKind.IMAGE:
            yield from np.asarray(episode.arrays[source.columns[0].key])
            return
        numbers = np.concatenate(
            [np.asarray(episode.arrays[c.key], np.float64)[:, c.first : c.end] for c in source.columns], axis=1
        )
        if not np.isfinite(numbers).all():
            step = int(np.argmin(np.isfinite(numbers).all(axis=1)))
            raise ValueError(f"{source}, for {stream.name}, is not finite at step {step}")
        for row in numbers:
            yield self._sample(stream, source, row)

    def _sample(self, stream: StreamSpec, source: Source, row: Numbers) -> Sample:
        if stream.kind == StreamKind.POSE:
            place = row[:3] * source.scale - np.array(self._mapping.base)
            try:
                return pose_from(stream, np.concatenate([place, row[3:]]), source.rotation)
            except ValueError as error:
                raise ValueError(f"{source}, for {stream.name}: {error}") from None
        scaled = row * source.scale + source.offset
        return float(scaled[0]) if stream.kind == StreamKind.WIDTH else scaled


def targeted(arm: ArmAction) -> tuple[str, ...]:
    """Returns the names of what an arm is commanded: its tool or joints, and its width if it has a gripper."""
    return (arm.stream, arm.topic(WIDTH)) if arm.gripper is not None else (arm.stream,)


def commanded_streams(
    observation: ObservationSpec, action: ActionSpec, mapping: DatasetMapping
) -> dict[str, StreamSpec]:
    """Returns the stream that each command is a sample of; a tool or width need not be observed to be commanded."""
    found = {stream.name: stream for stream in observation.streams}
    for arm in action.arms:
        motion, place = arm.motion, f"{arm.arm}/" if arm.arm else ""
        if isinstance(motion, JointAction):
            size = (motion.size,)
            spec = StreamSpec(arm.stream, f"{place}command", StreamKind.JOINTS, size, joints=motion.joints)
        else:
            spec = StreamSpec(arm.stream, f"{place}command", StreamKind.POSE, rotation=Rotation.SIX, tool=True)
            if motion.rotation == Rotation.YAW:
                spec = StreamSpec(arm.stream, f"{place}command", StreamKind.POSE, tool=True)
        found[arm.stream] = spec
        found.setdefault(arm.topic(WIDTH), StreamSpec(arm.topic(WIDTH), f"{place}width", StreamKind.WIDTH))
    return {name: found[name] for name in mapping.commands}


def check_columns(
    path: Path, shapes: Mapping[str, tuple[int, ...]], source: Source, stream: StreamSpec, given: str
) -> None:
    """Raises RecordError unless the columns exist and are as many as a sample of the stream has."""
    for columns in source.columns:
        if columns.key not in shapes:
            has = ", ".join(sorted(shapes))[:600]
            raise RecordError(f"{path} has no {columns.key} for {given}; it has {has}")
        shape = shapes[columns.key]
        if stream.kind == StreamKind.IMAGE:
            if str(source) != columns.key or len(shape) != 3 or shape[2] != stream.shape[2]:
                raise RecordError(
                    f"{path}: {source} has shape {shape}, the images of {given} need (height, width, {stream.shape[2]})"
                )
        elif len(shape) != 1 or columns.first >= shape[0] or (columns.end or 0) > shape[0]:
            raise RecordError(f"{path}: {columns.key} has shape {shape}, so that {given} cannot be {columns}")
    if stream.kind == StreamKind.IMAGE:
        return
    count = sum((c.end or shapes[c.key][0]) - c.first for c in source.columns)
    wanted, what = _wanted(stream, source)
    if count != wanted:
        raise RecordError(f"{path}: {given} needs {wanted} numbers ({what}), {source} has {count}")


def _wanted(stream: StreamSpec, source: Source) -> tuple[int, str]:
    if stream.kind == StreamKind.POSE:
        return 3 + source.rotation.size, f"position and rotation {source.rotation.value}"
    return stream.state_size, stream.kind.value
