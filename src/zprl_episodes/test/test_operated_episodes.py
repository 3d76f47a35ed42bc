"""Episodes that a person requests and labels. Stamps in ns, one state each 50 ms."""

from episodes import NOW, STEP, with_person
from zprl_core.episode_event import EpisodeEventKind
from zprl_episodes.episode_manager import (
    EXPECTED_S,
    PAUSE_S,
    EpisodeManager,
    EpisodeSettings,
)


def test_with_a_person_a_reset_that_failed_is_over() -> None:
    manager = with_person()
    assert manager.wants_reset(0.0) == 0
    manager.reset_failed("stopped by the operator", 1.0)
    assert manager.failure == "stopped by the operator"
    assert [manager.wants_reset(t) for t in (1.0, 2.0 + PAUSE_S, 60.0)] == [None, None, None]
    assert manager.request_reset(60.0) == manager.failure == "" and manager.wants_reset(60.0) == 0
    manager.reset_failed("stopped by the operator", 61.0)
    assert manager.request_reset(61.0) == "" and manager.wants_reset(61.0) == 0  # at once: a person waits


def test_a_robot_that_is_not_there_yet_is_looked_for_while_the_person_expects_it() -> None:
    manager = with_person(10.0)
    for now_s in (10.0, 10.0 + EXPECTED_S):
        assert manager.wants_reset(now_s) == 0
        manager.reset_postponed("nobody is there")
        assert manager.failure == ""
    assert manager.wants_reset(10.1 + EXPECTED_S) is None and manager.failure == "nobody is there"
    assert manager.wants_reset(10.2 + EXPECTED_S) is None


def test_a_person_who_asks_too_early_is_told_so_and_nothing_is_kept() -> None:
    manager = EpisodeManager(EpisodeSettings(automatic=False))
    assert manager.request_reset(0.0) == "no policy status received yet; request it again when that is over"
    manager.on_policy("the journal is full", True, NOW)
    assert manager.request_reset(0.1).startswith("the journal is full")
    manager.blocked = ""
    assert manager.wants_reset(0.2) is None


def test_what_was_asked_for_and_could_not_begin_is_not_kept_either() -> None:
    manager = with_person()
    manager.blocked = "the journal is full"
    assert manager.wants_reset(EXPECTED_S) is None and manager.failure == ""
    assert manager.wants_reset(0.1 + EXPECTED_S) is None and manager.failure == "the journal is full"
    manager.blocked = ""
    assert manager.wants_reset(0.2 + EXPECTED_S) is None


def test_asked_twice_is_one_episode() -> None:
    manager = with_person()
    assert manager.wants_reset(0.0) == 0
    manager.blocked = "the journal is full"
    assert manager.request_reset(0.5) == ""  # it is under way
    manager.reset_done(STEP, 1.0)
    assert manager.request_reset(1.1).startswith("an episode is running")
    manager.label(EpisodeEventKind.SUCCESS, "person")
    manager.blocked = ""
    assert manager.wants_reset(1.2) is None


def test_a_person_begins_and_labels() -> None:
    manager = EpisodeManager(EpisodeSettings(automatic=False))
    manager.on_policy("", True, NOW)
    assert manager.wants_reset(0.0) is None and manager.label(EpisodeEventKind.SUCCESS, "person") is None
    assert manager.request_reset(0.0) == ""
    assert manager.wants_reset(0.0) is not None
    manager.reset_done(STEP, 0.0)
    assert manager.state(2 * STEP, True, True, 1, 0.1) is None  # the person decides, not the detector
    event = manager.label(EpisodeEventKind.FAILURE, "person")
    assert event is not None and (event.kind, event.stamp_ns, event.source) == (
        EpisodeEventKind.FAILURE,
        2 * STEP,
        "person",
    )
    assert manager.wants_reset(0.0) is None


def test_the_clock_ends_an_episode_that_nobody_labels() -> None:
    manager = EpisodeManager(EpisodeSettings(automatic=False, time_limit_s=0.1))
    manager.on_policy("", True, NOW)
    assert manager.request_reset(0.0) == ""
    assert manager.wants_reset(0.0) is not None
    manager.reset_done(STEP, 0.0)
    assert manager.state(2 * STEP, False, False, 0, 0.1) is None
    event = manager.state(3 * STEP, False, False, 0, 0.2)
    assert (
        event is not None
        and event.kind == EpisodeEventKind.TIMEOUT
        and manager.label(EpisodeEventKind.SUCCESS, "person") is None
    )
