"""Exactly once, whatever the network and the processes do: outbox, ledger and journal as one state machine."""

import random
import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from experience import SIZE, lived, transition
from zprl.delivery.journal import Journal
from zprl.delivery.outbox import RETRY_MAX_S, Acknowledgement, Outbox
from zprl.delivery.sequence_tracker import Receipt, SequenceTracker, Source
from zprl.delivery.transition_codec import Key, decode, encode

LIVED = lived(400)  # with states that neighbors share, which the journal holds once


class Delivery(RuleBasedStateMachine):
    """A policy with a journal, a learner with a ledger and a store, and a network that does what it likes."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.produced = 0
        self.now = 0.0
        self.network: list[bytes] = []  # on its way to the learner
        self.acknowledgements: list[Acknowledgement] = []  # on its way back
        self.stored: list[tuple[int, int]] = []  # the learner's disk: (journal, k-th transition)
        self.sequences = SequenceTracker()
        self.open_journal()

    def open_journal(self) -> None:
        self.journal = Journal(self.folder / "journal.sqlite")
        self.outbox = Outbox(self.journal, "run", "robot")

    @property
    def source(self) -> Source:
        return Source("robot", self.journal.number)

    @rule(count=st.integers(1, 5))
    def produce(self, count: int) -> None:
        self.outbox.keep([LIVED[self.produced + i] for i in range(count)])
        self.produced += count

    @rule(seconds=st.sampled_from([0.1, 1.0, 10.0]))
    def send(self, seconds: float) -> None:
        self.now += seconds
        self.network += self.outbox.due(self.now)

    @rule(seed=st.integers(0, 99))
    def deliver(self, seed: int) -> None:
        """One message, anywhere in the queue: so they come in any order."""
        if self.network:
            self.learn(self.network.pop(random.Random(seed).randrange(len(self.network))))

    @rule()
    def deliver_all(self) -> None:
        while self.network:
            self.learn(self.network.pop(0))

    @rule(seed=st.integers(0, 99))
    def lose(self, seed: int) -> None:
        for queue in (self.network, self.acknowledgements):
            if queue:
                queue.pop(random.Random(seed).randrange(len(queue)))  # type: ignore[attr-defined]

    @rule(seed=st.integers(0, 99))
    def double(self, seed: int) -> None:
        if self.network:
            self.network.append(random.Random(seed).choice(self.network))

    @rule(seed=st.integers(0, 99))
    def acknowledge(self, seed: int) -> None:
        if self.acknowledgements:
            self.outbox.on_acknowledgement(
                self.acknowledgements.pop(random.Random(seed).randrange(len(self.acknowledgements))), self.now
            )

    @rule()
    def the_policy_dies(self) -> None:
        """What it sent may still arrive."""
        self.journal.close()
        self.open_journal()

    @rule()
    def the_learner_dies(self) -> None:
        """It comes back with what is on its disk."""
        self.sequences = SequenceTracker()
        for journal, k in self.stored:
            self.sequences.mark_stored(Source("robot", journal), k)
        self.introduce()

    @rule()
    def introduce(self) -> None:
        self.sequences.introduce(self.source, self.journal.first)
        self.acknowledgements.append(Acknowledgement(self.journal.number, self.sequences.next(self.source)))

    def learn(self, data: bytes) -> None:
        key = decode(data, SIZE).key
        assert data == encode(Key("run", "robot", key.journal, key.sequence), LIVED[key.sequence])  # complete
        source = Source(key.robot, key.journal)
        verdict = self.sequences.classify(source, key.sequence)
        if verdict == Receipt.NEW:
            self.stored.append((key.journal, key.sequence))
            self.sequences.mark_stored(source, key.sequence)
        gap = verdict == Receipt.EARLY
        self.acknowledgements.append(Acknowledgement(key.journal, self.sequences.next(source), gap))

    @invariant()
    def nothing_twice_nothing_out_of_order(self) -> None:
        assert self.stored == [(self.journal.number, k) for k in range(len(self.stored))]

    @invariant()
    def what_is_not_stored_is_in_the_journal(self) -> None:
        assert self.journal.first <= len(self.stored) <= self.journal.next == self.produced
        assert self.sequences.missing == 0

    def teardown(self) -> None:
        """A network that works from now on brings everything."""
        self.introduce()
        for _ in range(200):
            self.now += RETRY_MAX_S + 0.1
            self.network += self.outbox.due(self.now)
            self.deliver_all()
            while self.acknowledgements:
                self.outbox.on_acknowledgement(self.acknowledgements.pop(0), self.now)
            if len(self.stored) == self.produced:
                break
        assert [k for _, k in self.stored] == list(range(self.produced))
        assert len(self.journal) == 0
        self.journal.close()
        shutil.rmtree(self.folder)


TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)


def test_a_journal_restored_from_a_copy_gets_other_numbers(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    outbox = Outbox(journal, "run", "robot")
    outbox.keep([transition(0), transition(1)])
    before = journal.number
    outbox.on_acknowledgement(Acknowledgement(before, 9), 0.0)  # the learner holds more than this journal ever wrote
    assert journal.number != before and (journal.first, journal.next) == (0, 2)
    assert [decode(data, SIZE).key[2:] for data in outbox.due(0.0)] == [(journal.number, 0), (journal.number, 1)]
    journal.close()


def test_nothing_is_sent_twice_to_a_learner_that_stores_in_long_intervals(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    outbox, sent, steps = Outbox(journal, "run", "robot"), 0, 250
    for step in range(steps):  # of 0.1 s
        now_s = 0.1 * step
        outbox.keep([transition(step)])
        sent += len(outbox.due(now_s))
        if step % 25 == 24:  # in 2.5 s
            outbox.on_acknowledgement(Acknowledgement(journal.number, journal.next), now_s)
    again = sent - steps
    assert again <= 25  # the first interval, in which it has not learned yet how long an acknowledgement takes
    journal.close()


def test_a_lost_window_is_sent_again_although_acknowledgements_were_slow(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    outbox = Outbox(journal, "run", "robot")
    outbox.keep([transition(0)])
    outbox.due(0.0)
    outbox.on_acknowledgement(Acknowledgement(journal.number, 1), 60.0)
    outbox.keep([transition(1)])
    assert len(outbox.due(60.0)) == 1  # which is lost
    assert outbox.due(60.0 + RETRY_MAX_S - 0.1) == []
    assert len(outbox.due(60.0 + RETRY_MAX_S + 0.1)) == 1
    journal.close()


def test_a_busy_learner_catches_up_with_several_robots(tmp_path: Path) -> None:
    """It takes 60 transitions a second, of which three robots make 30, after a minute in which it took none."""
    journals = [Journal(tmp_path / f"{robot}.sqlite") for robot in range(3)]
    outboxes = [Outbox(journal, "run", "robot") for journal in journals]
    for outbox in outboxes:
        outbox.keep(LIVED[:200])
    stored, queue = [0, 0, 0], list[tuple[int, int]]()
    for tick in range(600):  # of 0.1 s
        for robot, outbox in enumerate(outboxes):
            outbox.keep(LIVED[:10] if tick % 10 == 0 else [])
            queue += [(robot, decode(data, SIZE).key.sequence) for data in outbox.due(0.1 * tick)]
        for robot, sequence in queue[:6]:
            stored[robot] += sequence == stored[robot]
            gap = sequence > stored[robot]
            outboxes[robot].on_acknowledgement(Acknowledgement(journals[robot].number, stored[robot], gap), 0.1 * tick)
        del queue[:6]
    assert sum(map(len, journals)) < 30  # a second of transitions; it was 600
    for journal in journals:
        journal.close()


def test_a_new_record_takes_an_old_journal_where_it_stands() -> None:
    ledger, source = SequenceTracker(), Source("robot", 1)
    assert ledger.classify(source, 40) == Receipt.UNKNOWN
    ledger.introduce(source, 40)
    assert ledger.classify(source, 40) == Receipt.NEW
    assert ledger.missing == 40  # they are in another record


def test_what_a_record_has_lost_is_counted() -> None:
    ledger, source = SequenceTracker(), Source("robot", 1)
    ledger.introduce(source, 0)
    ledger.mark_stored(source, 0)
    ledger.introduce(source, 5)
    assert ledger.missing == 4 and ledger.next(source) == 5
    read_again = SequenceTracker()
    for sequence in (0, 5, 6):
        read_again.mark_stored(source, sequence)
    assert read_again.missing == 4 and read_again.next(source) == 7


def test_a_copy_of_a_tracker_changes_without_it() -> None:
    ledger, source = SequenceTracker(), Source("robot", 1)
    ledger.introduce(source, 3)
    other = ledger.copy()
    other.mark_stored(source, 7)
    assert (ledger.next(source), ledger.missing) == (3, 3)
    assert (other.next(source), other.missing) == (8, 7)
