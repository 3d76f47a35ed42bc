"""Transitions as bytes: the same ones that rclpy makes, and nothing else is taken."""

from pathlib import Path

import numpy as np
import pytest

from experience import SIZE, message, transition
from zprl.delivery import cdr, transition_codec
from zprl.delivery.transition_codec import Key, Malformed, decode, encode, renumbered
from zprl.rl.config import ProblemSize

KEY = Key("run", "robot_1", 2**63 - 5, 12)


def test_a_transition_comes_back_the_same() -> None:
    sent = transition(5, episode=3, end="success")
    got = decode(encode(KEY, sent), SIZE)
    assert got.key == KEY
    for name in ("e", "mu", "logvar", "z"):
        assert np.array_equal(getattr(got.transition.state, name), getattr(sent.state, name))
        assert np.array_equal(getattr(got.transition.next_state, name), getattr(sent.next_state, name))
    assert np.array_equal(got.transition.u, sent.u)
    assert np.array_equal(got.transition.executed, sent.executed)
    for name in ("reward", "steps", "terminated", "truncated", "actor_version", "episode", "stamp_ns", "clipped"):
        assert getattr(got.transition, name) == getattr(sent, name)


@pytest.mark.parametrize("run", ["r", "ru", "run", "runs", "räuber"])
def test_rclpy_reads_what_is_written_here_and_writes_what_is_read(run: str) -> None:
    serialization = pytest.importorskip("rclpy.serialization")
    messages = pytest.importorskip("zprl_msgs.msg")
    sent, key = transition(5, episode=3, end="timeout"), Key(run, "robot", 99, 12)
    ros = messages.Transition(
        run=key.run, robot=key.robot, journal=key.journal, sequence=key.sequence, episode=sent.episode,
        weights_number=sent.actor_version, u=sent.u, reward=sent.reward, steps=sent.steps, terminated=sent.terminated,
        truncated=sent.truncated, intervention=sent.intervention, clipped=sent.clipped,
        executed=sent.executed, ages=sent.ages,
        **vars(sent.state), **{f"next_{name}": x for name, x in vars(sent.next_state).items()},
    )  # fmt: skip
    ros.header.stamp.sec, ros.header.stamp.nanosec = divmod(sent.stamp_ns, 1_000_000_000)
    data = bytes(serialization.serialize_message(ros))  # with anything between the fields, where they are aligned
    assert serialization.deserialize_message(encode(key, sent), messages.Transition) == ros
    assert len(encode(key, sent)) == len(data)
    assert encode(decode(data, SIZE).key, decode(data, SIZE).transition) == encode(key, sent)


def test_the_fields_are_those_of_the_message_file() -> None:
    path = Path(__file__).parents[3] / "zprl_msgs" / "msg" / "Transition.msg"
    lines = [line.split("#")[0].split() for line in path.read_text().splitlines()]
    assert [tuple(line) for line in lines if line] == list(transition_codec.FIELDS)


def test_another_number_changes_nothing_else() -> None:
    data = renumbered(encode(KEY, transition(5)), 3, 4)
    assert data == encode(Key(KEY.run, KEY.robot, 3, 4), transition(5))


@pytest.mark.parametrize("cut", [0, 3, 11, 40, 100, -4])
def test_half_a_message_is_refused(cut: int) -> None:
    with pytest.raises(Malformed):
        decode(message(0)[:cut], SIZE)


def test_other_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="3 numbers in e, this run needs 4"):
        decode(message(0), ProblemSize(4, 2, 2, 0.5))


def test_a_length_that_lies_allocates_nothing() -> None:
    data = bytearray(message(0))
    at = data.index(b"run\0") - 4
    data[at : at + 4] = b"\xff\xff\xff\x7f"
    with pytest.raises(Malformed, match="at most 255"):
        decode(bytes(data), SIZE)


def test_big_endian_is_named() -> None:
    with pytest.raises(Malformed, match="little-endian"):
        cdr.Reader(b"\x00\x00\x00\x00")


def test_numbers_that_are_not_finite_are_refused() -> None:
    good = transition(0)
    data = encode(KEY, good)
    at = data.index(good.u.tobytes())
    with pytest.raises(ValueError, match="not finite"):
        decode(data[:at] + np.float32(np.nan).tobytes() + data[at + 4 :], SIZE)
