"""What is stored without a shared state comes back byte for byte."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experience import SIZE, lived, message, transition
from zprl.delivery.state_sharing import StateSharing
from zprl.delivery.transition_codec import Key, Malformed, decode, encode
from zprl.rl.config import ProblemSize

WIDE = ProblemSize(embedding_dim=512, latent_dim=16, residual_dim=16, scale=0.5, executed_dim=40)
NAMES = ("robot", "räuber_12", "r")


@cache
def chain(count: int, size: ProblemSize = SIZE, robot: str = "robot", length: int = 5) -> list[bytes]:
    return [encode(Key("run", robot, 7, k), t) for k, t in enumerate(lived(count, size, length))]


def shortened(messages: list[bytes]) -> list[bytes]:
    sharing = StateSharing()
    return [sharing.shortened(data) for data in messages]


def restored(messages: list[bytes]) -> list[bytes]:
    sharing = StateSharing()
    return [sharing.restored(data) for data in messages]


def test_every_message_of_an_episode_but_the_first_lacks_its_state() -> None:
    sent = chain(10)
    saved = [len(data) - len(kept) for data, kept in zip(sent, shortened(sent), strict=True)]
    assert saved == [0, *[4 * (3 + 2 + 2 + 2)] * 4] * 2


def test_a_wide_transition_takes_less_than_three_kilobytes() -> None:
    sent = chain(50, WIDE, length=25)
    assert max(map(len, sent)) > 4600 and np.mean([len(data) for data in shortened(sent)]) < 2700
    assert restored(shortened(sent)) == sent


events = st.tuples(st.sampled_from(NAMES), st.sampled_from(["next", "gap", "again", "back", "junk"]), st.integers(0, 3))


@given(st.lists(events, max_size=30), st.integers(1, 6))
def test_whatever_is_stored_comes_back(happened: list[tuple[str, str, int]], length: int) -> None:
    """Several robots; transitions that are missing, stored twice or out of order; bytes that are no transition."""
    made = {robot: chain(40, robot=robot, length=length) for robot in NAMES}
    at, stored = dict.fromkeys(NAMES, 0), []
    for robot, event, padding in happened:
        if event == "junk":
            stored.append(made[robot][at[robot]][: 10 * padding])
            continue
        at[robot] = max(0, at[robot] + {"next": 0, "gap": 1, "again": -1, "back": -2}[event])
        stored.append(made[robot][at[robot]] + b"\7" * padding)
        at[robot] += 1
    assert restored(shortened(stored)) == stored
    assert shortened(restored(shortened(stored))) == shortened(stored)


def test_a_state_that_differs_in_one_bit_is_kept() -> None:
    before, after = lived(2)
    zeros = replace(before.next_state, e=np.zeros(3, np.float32))
    negative = replace(before.next_state, e=-np.zeros(3, np.float32))
    first = encode(Key("run", "r", 7, 0), replace(before, next_state=zeros))
    second = encode(Key("run", "r", 7, 1), replace(after, state=negative))
    assert shortened([first, second]) == [first, second]
    third = encode(Key("run", "r", 7, 1), replace(after, state=zeros))
    assert len(shortened([first, third])[1]) < len(third)


@pytest.mark.parametrize("key", [Key("r", "r", 7, 2), Key("r", "r", 8, 1), Key("r", "s", 7, 1), Key("s", "r", 7, 1)])
def test_only_the_transition_before_of_the_same_journal_counts(key: Key) -> None:
    before, after = lived(2)
    sent = [encode(Key("r", "r", 7, 0), before), encode(key, after)]
    assert shortened(sent) == sent


def test_a_message_without_the_one_before_it_is_refused() -> None:
    kept = shortened(chain(3))
    with pytest.raises(Malformed, match="transition 2 starts where the one before it ends, which is missing"):
        restored([kept[0], kept[2]])


def test_an_incomplete_message_is_never_taken_for_a_complete_one() -> None:
    kept = shortened(chain(2))[1]
    with pytest.raises(ValueError, match="0 numbers in e, this run needs 3"):
        decode(kept, SIZE)


@given(st.integers(0, len(message(0))), st.binary(max_size=20), st.integers(0, 20))
def test_bent_bytes_are_stored_as_they_are(at: int, put: bytes, over: int) -> None:
    data = message(0)
    bent = data[:at] + put + data[at + over :]
    assert shortened([bent]) == [bent]


def test_rclpy_reads_a_message_without_its_state_and_with_it() -> None:
    """As docs/reference/ros-interface.md describes it to a program that reads the record."""
    serialization = pytest.importorskip("rclpy.serialization")
    messages = pytest.importorskip("zprl_msgs.msg")
    read = [serialization.deserialize_message(data, messages.Transition) for data in shortened(chain(2))]
    complete = serialization.deserialize_message(chain(2)[1], messages.Transition)
    before, found = read
    assert len(found.e) == len(found.mu) == len(found.logvar) == len(found.z) == 0
    assert (found.run, found.robot, found.journal) == (before.run, before.robot, before.journal)
    assert found.sequence == before.sequence + 1
    for name in ("e", "mu", "logvar", "z"):
        setattr(found, name, getattr(before, f"next_{name}"))
    assert found == complete


def test_unrelated_transitions_are_stored_complete() -> None:
    sent = [encode(Key("run", "r", 7, k), transition(k)) for k in range(4)]
    assert shortened(sent) == sent
