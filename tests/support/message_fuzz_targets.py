"""The doors that messages between learner and robots come through: transitions, weights, journals, acknowledgements."""

from pathlib import Path
from random import Random

import torch
from hypothesis import strategies as st

from fuzz_samples import (
    ACTORS,
    FITS,
    MESSAGES,
    SIZE,
    fits_an_acknowledgement,
    flown_policy,
    goes_on,
    open_history,
    transition,
)
from fuzz_target import Enter, FuzzTarget
from mutators import mutated, mutated_tensors, numbers, seeds
from zprl.checkpoints.checkpoint import metadata_from, unpack_actor
from zprl.delivery import transition_codec
from zprl.delivery.episode_statistics import EpisodeStatistics
from zprl.delivery.journal import Journal
from zprl.delivery.outbox import Acknowledgement, Outbox
from zprl.delivery.sequence_tracker import Source
from zprl_core.errors import CheckpointError
from zprl_core.files import checksum_of
from zprl_core.id_bounds import HIGHEST
from zprl_msgs.msg import JournalStatus
from zprl_policy.weight_manager import WeightManager

tensors = seeds.map(lambda seed: mutated_tensors(Random(seed), ACTORS))


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
    inbox, flown = WeightManager(FITS), flown_policy()
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
        flown = flown_policy()
        inbox.deliver(flown)
        if flown.actor_version != 6:
            raise AssertionError(f"after hearing {numbers_heard} the policy refuses the learner's next weights")
        return inbox.rejected > 0

    return enter


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
)
