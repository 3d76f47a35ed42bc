"""The doors that messages come through: transitions, weights, journals, acknowledgements, commands, poses."""

import struct
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from builtin_interfaces.msg import Time
from geometry_msgs.msg import Point, Quaternion
from geometry_msgs.msg import Pose as PoseMessage
from hypothesis import strategies as st
from sensor_msgs.msg import JointState

from fuzz_target import Enter, FuzzTarget
from mutators import doubles, floats, mutated, mutated_tensors, numbers, seeds, words
from zprl.checkpoints.checkpoint import metadata_from, pack_actor, unpack_actor
from zprl.delivery import transition_codec
from zprl.delivery.durable_learner import DurableLearner
from zprl.delivery.episode_statistics import EpisodeStatistics
from zprl.delivery.journal import Journal
from zprl.delivery.outbox import Acknowledgement, Outbox
from zprl.delivery.sequence_tracker import Source
from zprl.delivery.transition_codec import Key
from zprl.models.actor import Actor, ActorShape
from zprl.models.base_policy import BasePolicy, freeze
from zprl.models.config import BaseConfig
from zprl.rl.config import LearnerConfig, Mode, ProblemSize, SacConfig, SteeringConfig
from zprl.rl.learner import Learner
from zprl.rl.residual_policy import ResidualPolicy
from zprl.rl.steering import make_steering
from zprl.rl.transition import LatentState, Transition
from zprl.training.finetune import problem_size
from zprl_core.episode_event import EpisodeEvent, EpisodeEventKind
from zprl_core.errors import CheckpointError
from zprl_core.files import checksum_of
from zprl_core.id_bounds import HIGHEST
from zprl_core.observation import TOOL, WIDTH, Pose
from zprl_core.observation_spec import arm_observation
from zprl_core.ros.conversions import ns_from
from zprl_core.ros.poses import object_from, tool_from
from zprl_core.ros.samples import width_from
from zprl_core.streams.stream_buffer import StreamBuffer
from zprl_msgs.msg import ArmCommand, JournalStatus, ReplayAck
from zprl_policy.policy_runner import PolicyRunner
from zprl_policy.weight_manager import WeightCompatibility, WeightManager
from zprl_sim.lockstep_session import LockstepSession
from zprl_sim.robot import SimRobot
from zprl_sim.ros.messages import target_from
from zprl_sim.tasks.catalog import task_named

SIZE = ProblemSize(embedding_dim=3, latent_dim=2, residual_dim=2, scale=0.5, executed_dim=4)
SOURCE = Source("robot", 7)
FITS = WeightCompatibility("run", "base", 14, 2)
BASE = BaseConfig(arm_observation(("cube",)), latent_dim=2, horizon=4, n_action_steps=2, hidden=8)


def transition(k: int = 0, episode: int = 0) -> Transition:
    """The k-th one."""
    rng = np.random.default_rng(k)
    before, after = (LatentState(*(rng.normal(size=n).astype(np.float32) for n in (3, 2, 2, 2))) for _ in range(2))
    u = rng.uniform(-1, 1, 2).astype(np.float32)
    t = Transition(before, u, float(k % 2), 1 + k % 4, k % 5 == 0, False, after, k, episode, 1_500_000_000 + k)
    return replace(t, executed=rng.normal(size=4).astype(np.float32))


def message(k: int) -> bytes:
    return transition_codec.encode(Key("run", *SOURCE, k), transition(k))


MESSAGES = [message(k) for k in range(4)] + [
    transition_codec.encode(Key("räuber", "r", 2**63 - 1, 2**62), transition(9, 2**32 - 1))
]


def learner() -> Learner:
    """A small one."""
    return Learner(SIZE, LearnerConfig(SacConfig(critics=2, hidden=4, batch=4), 1.0, 4, 64))


def actor_bytes(hidden: int = 8) -> bytes:
    torch.manual_seed(hidden)
    return pack_actor(Actor(ActorShape(14, 2, hidden)), {"run": "run", "base": "base", "number": "1"})


ACTORS = [actor_bytes(hidden) for hidden in (1, 4, 8)]
tensors = seeds.map(lambda seed: mutated_tensors(Random(seed), ACTORS))


def fits_an_acknowledgement(next_sequence: int, next_episode: int) -> None:
    """Raises where a node that says this would end."""
    struct.pack("<QI", next_sequence, next_episode)
    ReplayAck(next=next_sequence, next_episode=next_episode)


def _decoding(folder: Path) -> Enter:
    decoder, statistics = transition_codec.Decoder(SIZE), EpisodeStatistics()

    def enter(data: bytes) -> bool:
        keyed = decoder.decode(data)
        t = keyed.transition
        statistics.step(keyed.key.robot, t.episode, t.steps, t.reward, t.terminated, t.truncated)
        transition_codec.encode(keyed.key, keyed.transition)
        fits_an_acknowledgement(keyed.key.sequence + 1, statistics.next_episode(keyed.key.robot))
        return False

    return enter


def _decoding_many(folder: Path) -> Enter:
    """Many at once are refused exactly where one of them is."""
    decoder = transition_codec.Decoder(SIZE)

    def enter(messages: list[bytes]) -> bool:
        good = [data for data in messages if _readable(decoder, data)]
        block = decoder.block(good)
        if list(block.keys) != [decoder.decode(data).key for data in good]:
            raise AssertionError("transitions have other keys when they are decoded together")
        if len(good) < len(messages):
            decoder.block(messages)
            raise AssertionError("a transition that is refused alone was taken with others")
        return False

    return enter


def _readable(decoder: transition_codec.Decoder, data: bytes) -> bool:
    try:
        decoder.decode(data)
        return True
    except ValueError:
        return False


def _renumbering(folder: Path) -> Enter:
    def enter(data: bytes) -> bool:
        return len(transition_codec.renumbered(data, 1, 2)) != len(data)

    return enter


def open_history(folder: Path) -> DurableLearner:
    durable = DurableLearner("run", learner(), folder / "record", folder / "actor", publish_every=2)
    durable.introduce(SOURCE, 0)
    return durable


def goes_on(durable: DurableLearner) -> None:
    """The run is not spoiled: the next transition is taken, and what the learner says fits its messages."""
    k = durable.sequences.next(SOURCE)
    if durable.offer([message(k)]).new != 1:
        raise AssertionError(f"the transition {k} of an honest journal was not taken: {durable.refused.reason}")
    fits_an_acknowledgement(durable.sequences.next(SOURCE), durable.statistics.next_episode(SOURCE.robot))
    if not 0 <= durable.actor_version < 1 << 63:
        raise AssertionError(f"the next weights would have number {durable.actor_version}")


def _offering(folder: Path) -> Enter:
    durable = open_history(folder)

    def enter(data: bytes) -> bool:
        before = vars(durable.refused).copy()
        intake = durable.offer([data])
        if Random(data).random() < 0.02:
            goes_on(durable)
        counted = vars(durable.refused) != before
        if not counted and not intake.new:
            raise AssertionError("a transition was dropped and not counted")
        return counted

    return enter


journal_statuses = st.builds(
    JournalStatus,
    run=st.just("run"),
    robot=st.sampled_from(["robot", "robot", "robot_2", ""]),
    journal=st.one_of(st.just(7), st.just(7), numbers),
    first=numbers,
    next=numbers,
    weights_number=numbers,
)


def _introducing(folder: Path) -> Enter:
    """As the learner node does it."""
    durable = open_history(folder)

    def enter(status: JournalStatus) -> bool:
        before, refused = durable.actor_version, durable.refused.bad
        source = Source(status.robot, status.journal)
        try:
            durable.introduce(source, status.first)
            durable.on_version(status.weights_number)
        except ValueError as error:
            durable.refuse(str(error))
        if durable.actor_version > before + (1 << 32):
            raise AssertionError(
                f"one message raised the number of the weights from {before} to {durable.actor_version}"
            )
        fits_an_acknowledgement(durable.sequences.next(source) + 1, 0)
        if status.weights_number % 17 == 0:
            goes_on(durable)
        return durable.refused.bad > refused

    return enter


def _unpacking(folder: Path) -> Enter:
    def enter(data: bytes) -> bool:
        actor = unpack_actor(data, 14, 2)
        with torch.no_grad():
            u = actor.mode(torch.zeros(1, 14), torch.zeros(1, 2))
        if u.shape != (1, 2) or not torch.isfinite(u).all():
            raise AssertionError(f"an actor was taken that gives {u}")
        return False

    return enter


def _heading(folder: Path) -> Enter:
    def enter(data: bytes) -> bool:
        found = metadata_from(data)
        if not all(isinstance(x, str) for pair in found.items() for x in pair):
            raise AssertionError(f"the header gave {found}")
        return False

    return enter


weights_messages = st.tuples(
    tensors, st.sampled_from(["run", "run", "run", "other", ""]), numbers,
    st.sampled_from(["base", "base", "base", "other"]), st.booleans(), st.none() | numbers,
)  # fmt: skip


def _weighing(folder: Path) -> Enter:
    inbox, flown = WeightManager(FITS), _policy()
    inbox.offer(ACTORS[2], "run", 1, "base", checksum_of(ACTORS[2]))

    def enter(values: tuple[bytes, str, int, str, bool, int | None]) -> bool:
        data, run, number, base, honest, heard = values
        rejected = inbox.rejected
        inbox.offer(data, run, number, base, checksum_of(data) if honest else "0" * 64)
        if heard is not None:
            inbox.on_published(heard)
        inbox.deliver(flown)
        if not 0 <= inbox.newest < 1 << 63:
            raise AssertionError(f"the newest weights have number {inbox.newest}")
        if inbox.rejected > rejected and not inbox.last_rejection.isprintable():
            raise AssertionError(f"the reason cannot be printed: {inbox.last_rejection!r}")
        return inbox.rejected > rejected

    return enter


def _announcing(folder: Path) -> Enter:
    """What a learner is said to have given out must not keep its weights out for ever."""

    def enter(numbers_heard: list[int]) -> bool:
        inbox = WeightManager(FITS)
        inbox.offer(ACTORS[2], "run", 5, "base", checksum_of(ACTORS[2]))
        for number in numbers_heard:
            inbox.on_published(number)
        inbox.offer(ACTORS[2], "run", 6, "base", checksum_of(ACTORS[2]))
        flown = _policy()
        inbox.deliver(flown)
        if flown.actor_version != 6:
            raise AssertionError(f"after hearing {numbers_heard} the policy refuses the learner's next weights")
        return inbox.rejected > 0

    return enter


_FROZEN = BasePolicy(BASE)
freeze(_FROZEN)


def _policy() -> ResidualPolicy:
    return ResidualPolicy(_FROZEN, make_steering(_FROZEN, SteeringConfig()), Mode.FINETUNE)


acknowledgements = st.builds(Acknowledgement, st.just(-1) | numbers, numbers | st.integers(0, 20), st.booleans())


def _acknowledging(folder: Path) -> Enter:
    outbox, clock = Outbox(Journal(folder / "journal.sqlite"), "run", "robot"), [0.0]

    def enter(word: Acknowledgement) -> bool:
        clock[0] += 0.3
        journal = outbox.journal
        before = (journal.number, journal.first)
        outbox.keep([transition(1)])
        ours = Acknowledgement(journal.number, word.next, word.gap) if word.journal == -1 else word
        outbox.on_acknowledgement(ours, clock[0])
        for data in outbox.due(clock[0]):
            transition_codec.decode(data, SIZE)
        if word.next > HIGHEST and journal.number != before[0]:
            raise AssertionError("an acknowledgement of what no journal holds gave the journal another number")
        if not 0 <= journal.first <= journal.next <= HIGHEST:
            raise AssertionError(f"the journal goes from {journal.first} to {journal.next}")
        return (journal.number, journal.first) == before

    return enter


poses = st.builds(
    PoseMessage, position=st.builds(Point, x=doubles, y=doubles, z=doubles),
    orientation=st.builds(Quaternion, x=doubles, y=doubles, z=doubles, w=doubles),
)  # fmt: skip
upright = st.builds(
    PoseMessage, position=st.builds(Point, x=doubles, y=doubles, z=doubles),
    orientation=st.builds(Quaternion, x=st.floats(0.99, 1.01), y=st.floats(-0.1, 0.1), z=st.just(0.0), w=st.just(0.0)),
)  # fmt: skip
times = st.builds(Time, sec=st.integers(-(2**31), 2**31 - 1), nanosec=st.integers(0, 2**32 - 1))
sent_joints = st.one_of(
    st.just([]), st.just([]), st.lists(st.floats(-3.5, 3.5), min_size=7, max_size=7), st.lists(doubles, max_size=9)
)
commands = st.builds(
    ArmCommand, target=poses | upright, gripper_width=doubles, source=words, weights_number=numbers, joints=sent_joints
)


def _commanding(folder: Path) -> Enter:
    """As the sim node does it in lockstep, with a hand that may tilt by 0.8 rad, and with one that may not."""
    sessions = [LockstepSession(SimRobot(task_named(task))) for task in ("lift", "angled_insert")]
    low, high = np.array([0.28, -0.30, 0.012]), np.array([0.66, 0.30, 0.42])

    def enter(command: ArmCommand) -> bool:
        for session in sessions:
            arm, data = session.robot.arm, session.robot.data
            target = target_from(command, arm.tilt)
            was = np.array(arm.tool_at(tuple(arm.positions(data)[:7].tolist()))[:3])
            told = session.advance({"": target}, {}).arms[""].executed.target
            at = np.array(told.tool.position if told.tool else arm.tool_at(told.joints)[:3])
            inside = np.all(at >= np.minimum(low, was) - 1e-3) and np.all(at <= np.maximum(high, was) + 1e-3)
            if not (told.finite and inside and 0.0 <= told.width <= 0.08):
                raise AssertionError(f"a command got past the guard: {told}")
        return False

    return enter


joints = st.builds(
    JointState,
    name=st.lists(st.sampled_from(["finger_joint1", "fr3_finger_joint2", "x", ""]) | words, max_size=12),
    position=st.lists(doubles, max_size=12),
)


def _measuring(folder: Path) -> Enter:
    def enter(message: JointState) -> bool:
        return not np.isfinite(width_from(message))

    return enter


events = st.builds(
    EpisodeEvent,
    st.sampled_from(EpisodeEventKind),
    times.map(ns_from) | st.integers(0, 40),
    st.integers(0, 2**32 - 1),
    floats,
)
stamped = st.one_of(st.integers(0, 40).map(lambda k: 50_000_000 * k), times.map(ns_from))
sane = st.builds(Pose, st.tuples(*[st.floats(-1, 1)] * 3), st.floats(-4, 4))
samples = st.one_of(
    st.tuples(st.just(TOOL), stamped, poses.map(tool_from) | sane),
    st.tuples(st.just("cube"), stamped, poses.map(object_from) | sane),
    st.tuples(st.just(WIDTH), stamped, doubles | st.floats(0, 0.08)),
)
moments = st.tuples(stamped, sane, poses.map(object_from) | sane, doubles | st.floats(0, 0.08))  # a whole state
flights = st.lists(st.one_of(moments, moments, samples, events, st.just("tick")), min_size=5, max_size=40)


def _flying(folder: Path) -> Enter:
    """As the policy node does it, in lockstep and in real time."""

    def enter(story: list[Any]) -> bool:
        runner = PolicyRunner(_policy(), StreamBuffer(arm_observation(("cube",))))
        now, made = 0, []
        runner.on_event(EpisodeEvent(EpisodeEventKind.STARTED, 0, 1))
        for word in story:
            now += 50_000_000
            if isinstance(word, EpisodeEvent):
                runner.on_event(word)
                answer = runner.answer(word.stamp_ns)
            elif word == "tick":
                answer = runner.tick(now, 200_000_000)
            elif len(word) == 4:
                stamp, tool, cube, width = word
                for stream, sample in ((TOOL, tool), ("cube", cube), (WIDTH, width)):
                    runner.streams.push(stream, stamp, sample, now)
                answer = runner.answer(stamp)
            else:
                runner.streams.push(word[0], word[1], word[2], now)
                answer = runner.answer(word[1])
            made += runner.policy.take()
            if answer is not None and not answer.targets[""].finite:
                raise AssertionError(f"a command that is not finite: {answer}")
        for t in made:
            transition_codec.decode(transition_codec.encode(Key("run", *SOURCE, 0), t), _size(runner.policy))
        return runner.held_ticks > 0

    return enter


def _size(policy: ResidualPolicy) -> ProblemSize:
    return problem_size(_FROZEN, policy.steering)


MESSAGE_TARGETS = (
    FuzzTarget("transition (CDR)", 0.30, mutated(MESSAGES), _decoding, (ValueError,)),
    FuzzTarget("transitions together", 0.04, st.lists(mutated(MESSAGES), max_size=5), _decoding_many, (ValueError,)),
    FuzzTarget("renumbered transition", 0.10, mutated(MESSAGES), _renumbering, (ValueError,)),
    FuzzTarget("transition, to the record", 0.08, mutated(MESSAGES), _offering),
    FuzzTarget("JournalStatus", 0.03, journal_statuses, _introducing),
    FuzzTarget("ActorWeights data", 0.12, tensors, _unpacking, (CheckpointError,)),
    FuzzTarget("header of weights", 0.05, tensors, _heading, (CheckpointError,)),
    FuzzTarget("ActorWeights", 0.04, weights_messages, _weighing),
    FuzzTarget("LearnerStatus", 0.01, st.lists(numbers, max_size=4), _announcing),
    FuzzTarget("ReplayAck", 0.02, acknowledgements, _acknowledging),
    FuzzTarget("ArmCommand", 0.03, commands, _commanding, (ValueError,)),
    FuzzTarget("joint_states", 0.02, joints, _measuring, (ValueError,)),
    FuzzTarget("poses and episode events", 0.02, flights, _flying),
)
