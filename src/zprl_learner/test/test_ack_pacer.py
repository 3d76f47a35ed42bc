"""One robot is acknowledged at once, a hundred share a rate, and none is forgotten."""

from collections import Counter

import pytest

from zprl.delivery.sequence_tracker import Source
from zprl_learner.ack_pacer import AckPacer


def journals(count: int) -> set[Source]:
    return {Source(f"robot_{i}", i) for i in range(count)}


@pytest.mark.parametrize("count", [1, 4])
def test_a_few_robots_are_acknowledged_at_once(count: int) -> None:
    pacer, few = AckPacer(), journals(count)
    for step in range(20):  # of 50 ms, as the learner stores
        assert set(pacer.due(few, set(), 0.05 * step)) == few


def test_a_hundred_robots_share_a_rate() -> None:
    pacer, many, times = AckPacer(acks_per_s=100.0), journals(100), Counter[Source]()
    for step in range(201):  # ten seconds
        times.update(pacer.due(many, set(), 0.05 * step))
    assert set(times) == many
    assert all(10 <= n <= 11 for n in times.values())  # one a second, instead of twenty


def test_what_waits_is_acknowledged_later_without_another_message() -> None:
    pacer, many = AckPacer(acks_per_s=100.0), journals(100)
    assert len(pacer.due(many, set(), 0.0)) == 100
    assert pacer.due(many, set(), 0.5) == []
    assert set(pacer.due(set(), set(), 1.1)) == many
    assert pacer.due(set(), set(), 9.0) == []


def test_a_gap_does_not_wait() -> None:
    pacer, many = AckPacer(acks_per_s=100.0), journals(100)
    pacer.due(many, set(), 0.0)
    gap = Source("robot_7", 7)
    assert pacer.due({gap, Source("robot_8", 8)}, {gap}, 0.1) == [gap]


def test_robots_that_have_left_take_no_share() -> None:
    pacer, one = AckPacer(acks_per_s=100.0), Source("robot_1", 1)
    pacer.due(journals(100), set(), 0.0)
    pacer.due({one}, set(), 10.0)
    assert pacer.due({one}, set(), 10.05) == [one]
