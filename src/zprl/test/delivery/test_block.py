"""Many messages at once are the same transitions as one by one: when they are read, stored, and brought back."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable import contents, dies, same
from experience import SIZE, learner, message, transition
from zprl.delivery import durable_learner as module
from zprl.delivery.durable_learner import DurableLearner
from zprl.delivery.sequence_tracker import Source
from zprl.delivery.state_sharing import StateSharing, with_ages
from zprl.delivery.transition_codec import FIELDS, LATENT_STATE, Block, Decoder, Key, Keyed, encode
from zprl.rl.replay_buffer import ReplayBuffer

DECODER = Decoder(SIZE)
SOURCES = [Source("robot", 7), Source("räuber_12", 8), Source("r", 1)]
COUNT, CAPACITY, SAVED = 600, 64, 400  # transitions, those that the replay holds, those before the checkpoint


def values(keyed: Keyed) -> dict[str, object]:
    """The fields behind the strings, as a block names them."""
    t = keyed.transition
    after = {f"next_{name}": getattr(t.next_state, name) for name in LATENT_STATE}
    return {**vars(t), **vars(t.state), **after, **keyed.key._asdict(), "weights_number": t.actor_version}


def is_same(block: Block, one_by_one: list[Keyed]) -> bool:
    names = [name for _, name in FIELDS[3:]]
    return block.keys == [keyed.key for keyed in one_by_one] and all(
        np.array_equal(block.columns[name][i], np.asarray(values(keyed)[name]))
        for i, keyed in enumerate(one_by_one)
        for name in names
    )


keys = st.builds(Key, st.text(max_size=9), st.text(max_size=9), st.integers(0, 2**64 - 1), st.integers(0, 2**40))


@given(st.lists(st.tuples(keys, st.integers(0, 99), st.integers(0, 3)), max_size=6))
def test_a_block_is_its_transitions(parts: list[tuple[Key, int, int]]) -> None:
    """Of robots with names of any length, with or without padding at the end."""
    messages = [encode(key, transition(k, end="failure" if k % 2 else "")) + b"\7" * pad for key, k, pad in parts]
    assert is_same(DECODER.block(messages), [DECODER.decode(data) for data in messages])


def of_earlier_release(data: bytes) -> bytes:
    """The message as releases before the ages wrote it."""
    return data[: -4 * (1 + SIZE.streams)]


def test_messages_of_an_earlier_release_have_ages_that_are_not_recorded() -> None:
    old, new = [of_earlier_release(message(k)) for k in range(3)], [message(k) for k in range(3, 6)]
    block = DECODER.block([*old, *new])
    assert is_same(block, [DECODER.decode(data) for data in (*old, *new)])
    assert (block.columns["ages"][:3] == -1.0).all() and block.columns["ages"].shape == (6, SIZE.streams)
    assert DECODER.decode(old[1]).transition.ages.tolist() == [-1.0] * SIZE.streams
    empty = [with_ages(data) for data in old]
    assert is_same(DECODER.block([*empty, *new]), [DECODER.decode(data) for data in (*old, *new)])
    for data in (*old, *new, *empty):
        assert StateSharing().restored(StateSharing().shortened(data)) == data
    assert [with_ages(data) for data in (*new, *empty)] == [*new, *empty]


def judged_alike(bent: bytes) -> None:
    """`block` takes what `decode` takes, and refuses what it refuses, in the same words."""
    good = message(0)
    try:
        alone = DECODER.decode(bent)
    except ValueError as error:
        with pytest.raises(ValueError) as caught:
            DECODER.block([good, bent])
        assert str(caught.value) == str(error)
    else:
        assert is_same(DECODER.block([bent, good]), [alone, DECODER.decode(good)])


@given(st.integers(0, len(message(0))), st.binary(max_size=20), st.integers(0, 20))
def test_a_message_that_was_bent_is_judged_alike(at: int, put: bytes, over: int) -> None:
    data = message(0)
    judged_alike(data[:at] + put + data[at + over :])


@pytest.mark.parametrize("put", [b"\0", b"\2", b"\xff", b"\xff\xff", b"\0\0\x80\x7f", b"\x01\0\x80\x3f"])
def test_every_byte_is_seen_alike(put: bytes) -> None:
    """Among these are an infinity, and a u just above 1."""
    data = message(0)
    for at in range(len(data)):
        judged_alike(data[:at] + put + data[at + len(put) :])


@given(st.integers(1, 12), st.lists(st.integers(0, 30), max_size=5))
def test_the_ring_is_the_same_however_it_was_filled(capacity: int, sizes: list[int]) -> None:
    one_by_one, at_once, k = ReplayBuffer(capacity, 3, 2, 2), ReplayBuffer(capacity, 3, 2, 2), 0
    for size in sizes:
        for i in range(k, k + size):
            one_by_one.add(transition(i))
        at_once.extend(DECODER.block([message(i) for i in range(k, k + size)]).columns)
        k += size
    assert at_once.added == one_by_one.added == k
    found = contents(at_once)
    assert all(np.array_equal(x, found[name]) for name, x in contents(one_by_one).items())


def test_columns_of_another_size_are_refused() -> None:
    replay, rows = ReplayBuffer(4, 3, 2, 2), DECODER.block([message(0), message(1)]).columns
    with pytest.raises(ValueError, match=r"z of shape \(1,\), but the replay buffer needs \(2,\)"):
        replay.extend({**rows, "z": rows["z"][:, :1]})
    assert len(replay) == 0


@pytest.mark.parametrize("at_once", [1, 7, 64, 1024])
def test_a_run_comes_back_bit_for_bit_however_much_is_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Three robots, a replay that has gone round nine times, a checkpoint, and updates behind it."""
    monkeypatch.setattr(module, "AT_ONCE", at_once)
    first = opened(tmp_path)
    play(first, 0, SAVED)
    first.save()
    play(first, SAVED, COUNT)
    first.mark()
    ended = [*first.ended]
    dies(first)
    second = opened(tmp_path)
    assert first.learner.replay.added == COUNT > 9 * CAPACITY and second.ended == ended and len(ended) > 50
    assert same(first.learner, second.learner)
    assert vars(second.statistics) == vars(first.statistics) and vars(second.sequences) == vars(first.sequences)
    assert first.learner.update() == second.learner.update()
    assert same(first.learner, second.learner)
    second.close()


def opened(folder: Path) -> DurableLearner:
    durable = DurableLearner("run", learner(capacity=CAPACITY), folder / "record", folder / "actor", publish_every=4)
    for source in SOURCES:
        durable.introduce(source, 0)
    return durable


def play(durable: DurableLearner, begin: int, end: int) -> None:
    """Ten transitions of three robots at once, and updates between them."""
    for first in range(begin, end, 10):
        durable.offer([offered(k) for k in range(first, first + 10)])
        while durable.learner.due > 200:
            durable.learner.update()


def offered(k: int) -> bytes:
    source, n = SOURCES[k % 3], k // 3
    end = {6: "success", 13: "failure", 20: "timeout"}.get(n % 21, "")
    return encode(Key("run", *source, n), transition(k, episode=n // 7, end=end))
