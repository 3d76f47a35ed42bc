"""Replays a recorded episode through the same stream gate and buffer as a live one."""

from collections import Counter, deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from rclpy.serialization import deserialize_message

from zprl_core import topic_names
from zprl_core.bags.bag_images import BagImages
from zprl_core.bags.bag_reader import BagFile, BagMessage
from zprl_core.bags.bag_step import BagStep
from zprl_core.bags.episode_info import EpisodeInfo
from zprl_core.deadline_timer import PHASE
from zprl_core.frame_tree import FrameError
from zprl_core.observation import Observation
from zprl_core.observation_spec import StreamKind, StreamSpec
from zprl_core.ros.arm_targets import executed_target
from zprl_core.ros.bag_frames import TOPICS, BagFrames
from zprl_core.ros.conversions import ns_from
from zprl_core.ros.samples import sample_from
from zprl_core.ros.step_motion import Motion, StepMotion
from zprl_core.ros.stream_messages import StreamMessages
from zprl_core.streams.stream_buffer import StreamBuffer
from zprl_core.streams.stream_gate import Cause, StreamGate
from zprl_msgs.msg import ArmStatus

KEPT = 4  # observations that a report may still be about
LATE = 2  # states whose messages may still be on their way


@dataclass(frozen=True)
class _State:
    """A state of the reference stream."""

    stamp_ns: int
    received_ns: int


@dataclass(frozen=True)
class _Observed:
    """An observation, its number in the episode, and the stamp of the state that it was taken at."""

    number: int
    state_ns: int
    observation: Observation


def recorded_topics(stream: StreamSpec, images: BagImages) -> tuple[str, ...]:
    """Returns the topics that may have a stream in a bag, in the robot's namespace.

    Images that could not be compressed are on the live topic.
    """
    live = f"/{stream.topic}"
    if stream.kind != StreamKind.IMAGE or images == BagImages.RAW:
        return (live,)
    compressed = live, topic_names.compressed_of(live)
    return (*compressed, topic_names.video_of(live)) if images == BagImages.H264 else compressed


def namespace(info: EpisodeInfo, there: Collection[str]) -> str:
    """Returns the namespace of the robot: what precedes the first stream's topic among those of the bag."""
    owns = recorded_topics(info.observation.streams[0], info.images)
    return next((name.removesuffix(own) for own in owns for name in there if name.endswith(own)), "")


class BagEpisode:
    """Pairs each state of a recorded episode with the arms' reports about the step from it to the next state."""

    def __init__(self, file: BagFile, info: EpisodeInfo):
        self._file, self._info = file, info
        spec, self._arms = info.observation, {arm.arm: arm for arm in info.action.arms}
        first = next(iter(self._arms.values()))
        self._reference = next((s.name for s in spec.streams if s.name == first.stream), spec.streams[0].name)
        self._gate = StreamGate(StreamBuffer(spec), self._reference, lockstep=True)
        self._streams: dict[str, list[StreamSpec]] = {}
        for stream in spec.streams:
            for topic in recorded_topics(stream, info.images):
                self._streams.setdefault(topic, []).append(stream)
        self._status = {f"/{arm.topic(topic_names.ARM_STATUS)}": name for name, arm in self._arms.items()}
        self._states: deque[_State] = deque()  # of the episode, without an observation yet
        self._observed: deque[_Observed] = deque(maxlen=KEPT)  # the newest ones
        self._reports: dict[int, dict[str, ArmStatus]] = {}  # by number of the step, until every arm has reported it
        self._number = self._done = -1  # of the newest observation; of the newest step that is complete
        self._motion = StepMotion()
        self._frames, self._messages = BagFrames(), StreamMessages()
        self.left_out = Counter[Motion]()  # control steps in which nothing was commanded
        self.refused: dict[str, str] = {}  # why a message of a stream was refused, the newest of each

    def steps(self) -> Iterator[BagStep]:
        """Yields the control steps in their order. Raises RecordError when the bag is damaged."""
        there = self._file.topics()
        prefix = namespace(self._info, there)
        wanted = {*TOPICS, *(prefix + topic for topic in (*self._streams, *self._status))}
        for message in self._file.messages(wanted):
            self._tick(message.received_ns)
            if self._frames.take(message):
                continue
            topic = message.topic.removeprefix(prefix)
            if topic in self._status:
                yield from self._on_status(self._status[topic], message)
            else:
                self._on_sample(self._streams[topic], message, there[message.topic].type)

    def _on_sample(self, streams: list[StreamSpec], message: BagMessage, kind: str) -> None:
        try:
            content = self._messages.read(message, kind)
        except ValueError as error:
            for stream in streams:
                self._refuse(stream, error)
            return
        stamp_ns = ns_from(content.header.stamp)
        for stream in streams:
            try:
                sample = sample_from(stream, content, self._frames.tree)
            except ValueError as error:
                self._refuse(stream, error)
                continue
            admission = self._gate.admit(stream, stamp_ns, sample, message.received_ns)
            if admission.why:
                self.refused[stream.name] = admission.why
            if stream.name == self._reference and admission.stored and self._info.started_ns <= stamp_ns:
                self._states.append(_State(stamp_ns, message.received_ns))
        self._answer()

    def _refuse(self, stream: StreamSpec, error: ValueError) -> None:
        cause = Cause.FRAME if isinstance(error, FrameError) else Cause.CONTENT
        self.refused[stream.name] = self._gate.refuse(stream, cause, str(error)).why

    def _answer(self) -> None:
        """Takes the observations of states that are complete, as a policy in lockstep does."""
        while self._info.lockstep and self._states:
            found = self._gate.buffer.at(self._states[0].stamp_ns)
            if found is None and len(self._states) <= LATE:
                return
            state = self._states.popleft()
            if found is not None:  # otherwise a message of this state is missing
                self._keep(state, found)

    def _tick(self, now_ns: int) -> None:
        """Takes the newest samples shortly after each state, as a policy in real time does."""
        while not self._info.lockstep and self._states:
            tick_ns = self._states[0].received_ns + round(PHASE / self._info.action.rate_hz * 1e9)
            if tick_ns > now_ns:
                return
            state, found = self._states.popleft(), self._gate.buffer.newest(tick_ns)
            if isinstance(found, Observation):  # otherwise a stream is stale: the policy held
                self._keep(state, found)

    def _keep(self, state: _State, found: Observation) -> None:
        self._number += 1
        self._observed.append(_Observed(self._number, state.stamp_ns, found))

    def _on_status(self, arm: str, message: BagMessage) -> Iterator[BagStep]:
        status = deserialize_message(message.data, ArmStatus)
        stamp_ns = ns_from(status.header.stamp)
        seen = next((o for o in reversed(self._observed) if o.state_ns < stamp_ns), None)
        if seen is None or seen.number <= self._done or seen.state_ns >= self._info.ended_ns:
            return
        reports = self._reports.setdefault(seen.number, {})
        reports[arm] = status
        if reports.keys() != self._arms.keys():
            return
        self._done = seen.number
        self._reports = {number: parts for number, parts in self._reports.items() if number > self._done}
        targets = {name: executed_target(spec, reports[name]) for name, spec in self._arms.items()}
        given = {name: target for name, target in targets.items() if target is not None}
        motion = self._motion.of(given, reports) if len(given) == len(targets) else Motion.HELD
        if motion != Motion.COMMANDED:
            self.left_out[motion] += 1
            return
        clipped, person = any(r.clipped for r in reports.values()), any(r.person for r in reports.values())
        yield BagStep(seen.number, seen.state_ns, seen.observation, given, clipped, person)
