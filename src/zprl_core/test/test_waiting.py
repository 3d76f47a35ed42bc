"""A wait is announced after five seconds, and then ever more rarely."""

import pytest

from zprl_core.waiting import Waiting


def said(waiting: Waiting, what: str, times: range) -> dict[int, str]:
    """What is said at each second."""
    lines = {now: waiting.message(what, "see its log", float(now)) for now in times}
    return {now: line for now, line in lines.items() if line}


def test_it_says_what_is_awaited_and_what_to_look_at_sparsely() -> None:
    """5 s, then 15, 45 and 120 s later, then every 120 s."""
    lines = said(Waiting(), "the learner", range(100, 500))
    assert list(lines) == [105, 120, 165, 285, 405]
    assert lines[105] == "waiting for the learner for 5 s; see its log"
    assert lines[405] == "waiting for the learner for 305 s; see its log"


def test_another_wait_begins_anew() -> None:
    waiting = Waiting()
    assert list(said(waiting, "the learner", range(0, 10))) == [5]
    assert list(said(waiting, "the policy", range(10, 17))) == [15]
    assert said(waiting, "", range(17, 50)) == {}
    assert list(said(waiting, "the policy", range(50, 57))) == [55]


def test_a_wait_that_comes_and_goes_is_announced_ever_more_rarely() -> None:
    """Seven seconds of ten: each occurrence would be announced. Forgotten ten minutes after its last message."""
    waiting = Waiting()
    lines: dict[int, str] = {}
    for now in range(400):
        lines |= said(waiting, "the camera" if now % 10 < 7 else "", range(now, now + 1))
    assert list(lines) == [5, 25, 75, 195, 315]
    assert lines[315] == "waiting for the camera for 5 s; see its log"
    assert list(said(waiting, "", range(400, 1000))) == []
    assert list(said(waiting, "the camera", range(1000, 1030))) == [1005, 1020]


def test_a_short_wait_is_silent() -> None:
    waiting = Waiting()
    assert said(waiting, "the camera", range(0, 5)) == {} and said(waiting, "", range(5, 9)) == {}


@pytest.mark.parametrize("late", [7.0, 1e6])
def test_a_caller_who_was_away_gets_one_line(late: float) -> None:
    waiting = Waiting()
    waiting.message("the arm", "look there", 0.0)
    assert waiting.message("the arm", "look there", late) == f"waiting for the arm for {late:.0f} s; look there"
    assert waiting.message("the arm", "look there", late + 1.0) == ""


def test_a_wait_is_long_after_five_seconds_until_it_ends() -> None:
    waiting = Waiting()
    assert not waiting.long(50.0)
    waiting.message("the learner", "see its log", 100.0)
    assert [waiting.long(now) for now in (104.9, 105.0, 500.0)] == [False, True, True]
    waiting.message("", "", 501.0)
    assert not waiting.long(501.0)
