"""Reads an episode from the bag of another recorder, through the same stream gate and buffer as a live one."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sensor_msgs.msg import CompressedImage

from zprl_core.action import ArmTarget
from zprl_core.action_spec import ActionSpec
from zprl_core.arm_action import ArmAction
from zprl_core.bags.bag_mapping import BagMapping
from zprl_core.bags.bag_reader import BagFile, BagMessage
from zprl_core.bags.bag_step import BagStep
from zprl_core.bags.compressed_video import VIDEO
from zprl_core.bags.mapped_target import MappedTarget
from zprl_core.errors import RecordError
from zprl_core.frame_tree import FrameError, plain
from zprl_core.observation import WIDTH, Observation, Sample
from zprl_core.observation_spec import ObservationSpec, StreamSpec
from zprl_core.ros.bag_frames import TOPICS, BagFrames
from zprl_core.ros.compressed_images import decoded
from zprl_core.ros.conversions import ns_from
from zprl_core.ros.samples import sample_from
from zprl_core.ros.step_motion import Motion
from zprl_core.ros.stream_messages import StreamMessages, kinds_of
from zprl_core.streams.stream_buffer import StreamBuffer, Unavailable
from zprl_core.streams.stream_gate import Cause, StreamGate

FRESH_NS = 500_000_000  # age beyond which a command counts no more


class MappedEpisode:
    """Control steps at the rate of the action spec, by the times at which the recorder received the messages.

    The target of a step is what was commanded until the next one, or, for what has no topic of commands, what was
    measured in the next one.
    """

    def __init__(self, file: BagFile, mapping: BagMapping, observation: ObservationSpec, action: ActionSpec):
        """Raises RecordError when the bag lacks a topic, or one has another type."""
        self._file, self._mapping, self._spec, self._action = file, mapping, observation, action
        self._buffer = StreamBuffer(observation)
        self._gate = StreamGate(self._buffer, observation.streams[0].name)
        self._streams: dict[str, list[StreamSpec]] = {}
        for stream in observation.streams:
            self._streams.setdefault(mapping.topics[stream.name], []).append(stream)
        self._commands: dict[str, list[StreamSpec]] = {}
        for name, topic in mapping.commands.items():
            self._commands.setdefault(topic, []).append(observation[name])
        self._sent: dict[str, tuple[Sample, int]] = {}  # the newest command and its reception, by stream
        self._targets = MappedTarget(frozenset(mapping.commands), mapping.closed_below_m)
        self._period_ns = round(1e9 / action.rate_hz)
        self._frames, self._messages = BagFrames(renamed(mapping, observation)), StreamMessages()
        self.left_out = Counter[Motion]()
        self._kinds = _check(file, {**self._streams, **self._commands})
        if blind := [arm.arm for arm in action.arms if arm.gripper and arm.topic(WIDTH) not in mapping.topics]:
            named = f" of {', '.join(filter(None, blind))}" if any(blind) else ""
            raise RecordError(f"nothing in {file.path} tells what the gripper{named} did: its width is no stream")

    @property
    def has_video(self) -> bool:
        """True if images come from video."""
        return VIDEO in self._kinds.values()

    def steps(self) -> Iterator[BagStep]:
        """Yields the control steps. Raises RecordError when the bag is damaged, or gives no observation."""
        tick_ns: int | None = None
        number, before = 0, None
        why = "the bag has no messages on the mapped topics"
        for message in self._file.messages({*TOPICS, *self._streams, *self._commands}):
            while tick_ns is not None and tick_ns <= message.received_ns:
                found = self._buffer.newest(tick_ns)
                if isinstance(found, Unavailable):
                    why, before = found.reason, None
                else:
                    if before is not None:
                        motion = self._motion(before, found, tick_ns)
                        if motion == Motion.COMMANDED:
                            yield self._step(number, tick_ns - self._period_ns, before, found)
                        else:
                            self.left_out[motion] += 1
                        number += 1  # not where a stream was stale: that is a gap
                    before = found
                tick_ns += self._period_ns
            self._take(message)
            if tick_ns is None and isinstance(found := self._buffer.newest(message.received_ns), Observation):
                tick_ns = message.received_ns
            elif tick_ns is None and isinstance(found, Unavailable):
                why = found.reason
        if not number:
            raise RecordError(f"no two control steps can be read from {self._file.path}: {why}")

    def _motion(self, seen: Observation, after: Observation, tick_ns: int) -> Motion:
        """Judges the step up to `tick_ns`: held without a command, and a pause where nothing is to move."""
        for name in self._mapping.commands:
            if name not in self._sent or tick_ns - self._sent[name][1] > FRESH_NS:
                return Motion.HELD
        moves = [self._targets.moves(arm, self._target(arm, after), seen) for arm in self._action.arms]
        return Motion.COMMANDED if any(moves) else Motion.PAUSED

    def _take(self, message: BagMessage) -> None:
        if self._frames.take(message):
            return
        streams = self._streams.get(message.topic, ())
        try:
            content = self._messages.read(message, self._kinds[message.topic])
        except ValueError as error:
            for stream in streams:
                self._gate.refuse(stream, Cause.CONTENT, str(error))
            return
        for stream in streams:
            try:
                sample = self._sample(stream, content)
            except ValueError as error:
                cause = Cause.FRAME if isinstance(error, FrameError) else Cause.CONTENT
                self._gate.refuse(stream, cause, str(error))
                continue
            self._gate.admit(stream, ns_from(content.header.stamp), sample, message.received_ns)
        for stream in self._commands.get(message.topic, ()):
            try:
                self._sent[stream.name] = self._sample(stream, content), message.received_ns
            except FrameError:  # a step without a command, as before the first transform
                self._sent.pop(stream.name, None)
            except ValueError as error:
                raise RecordError(f"a command in {self._file.path} cannot be used: {error}") from None

    def _sample(self, stream: StreamSpec, content: Any) -> Sample:
        """Raises ValueError when the message does not contain the sample."""
        given = content.header.frame_id
        if self._mapping.frame and stream.frame and plain(given) == plain(self._mapping.frame):
            content.header.frame_id = stream.frame
        try:
            return sample_from(stream, content, self._frames.tree)
        finally:
            content.header.frame_id = given  # for the other streams of the topic

    def _step(self, number: int, stamp_ns: int, seen: Observation, after: Observation) -> BagStep:
        targets = {arm.arm: self._target(arm, after) for arm in self._action.arms}
        return BagStep(number, stamp_ns, seen, targets, clipped=False, person=True)

    def _target(self, arm: ArmAction, after: Observation) -> ArmTarget:
        """Returns the command, or the place where the arm then was."""
        sent = {name: sample for name, (sample, _) in self._sent.items()}
        return self._targets.target(arm, {**after.samples, **sent})


def renamed(mapping: BagMapping, observation: ObservationSpec) -> dict[str, str]:
    """Returns the frame of the spec for the mapping's, if there is one."""
    frames = {stream.frame for stream in observation.streams if stream.frame}
    return {mapping.frame: frames.pop()} if mapping.frame and len(frames) == 1 else {}


def _check(file: BagFile, streams: Mapping[str, list[StreamSpec]]) -> dict[str, str]:
    """Returns the message type of each topic. Raises RecordError when the bag lacks one, or it has another type."""
    there = file.topics()
    kinds = {}
    for topic, specs in streams.items():
        names = ", ".join(spec.name for spec in specs)
        if topic not in there:
            has = ", ".join(sorted(there)) or "no messages"
            raise RecordError(f"{file.path} has no topic {topic} for {names}; it has {has}"[:1000])
        for spec in specs:
            known = kinds_of(spec)
            if there[topic].type not in known:
                wanted = " or ".join(known)
                raise RecordError(f"{file.path}: {topic} is a {there[topic].type}, {spec.name} needs a {wanted}")
            kinds[topic] = there[topic].type
    return kinds


def first_image_size(file: BagFile, stream: StreamSpec, topic: str) -> tuple[int, int] | None:
    """Returns height and width of the first image on a topic that can be decoded; None if there is no image.

    Raises RecordError when all are damaged.
    """
    there = file.topics().get(topic)
    if there is None or there.type not in kinds_of(stream):
        return None
    messages, first_error = StreamMessages(), ""
    for message in file.messages({topic}):
        try:
            image = messages.read(message, there.type)
            image = decoded(image) if isinstance(image, CompressedImage) else image
            return image.height, image.width
        except ValueError as error:  # a video may begin before its first keyframe
            first_error = first_error or str(error)
    if first_error:
        raise RecordError(f"no image on {topic} in {file.path} can be used: {first_error}")
    return None
