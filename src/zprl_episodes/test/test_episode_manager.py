"""When episodes begin and end. Stamps in ns, one state each 50 ms."""

import pytest

from zprl_core.episode_event import EpisodeEventKind
from zprl_core.seeds import is_held_out
from zprl_episodes.episode_manager import (
    EXPECTED_S,
    PAUSE_S,
    POLICY_S,
    STALL_S,
    STRANGE_S,
    EpisodeManager,
    EpisodeSettings,
)

STEP = 50_000_000
NOW = float("inf")  # of a policy that never falls silent


def running(**settings: float) -> EpisodeManager:
    manager = EpisodeManager(EpisodeSettings(**settings))  # type: ignore[arg-type]
    manager.on_policy("", True, NOW)
    assert manager.wants_reset(0.0) is not None
    manager.reset_done(STEP, now_s=0.0)
    return manager


HOUR = 3600 * 10**9 * 1000


def begun(automatic: bool) -> EpisodeManager:
    """An episode with a limit of 30 s that began at HOUR."""
    manager = EpisodeManager(EpisodeSettings(automatic=automatic, time_limit_s=30.0))
    manager.on_policy("", True, NOW)
    manager.request_reset(0.0)
    assert manager.wants_reset(0.0) is not None
    manager.reset_done(HOUR, now_s=0.05)
    return manager


def test_no_episode_begins_before_a_policy_has_spoken() -> None:
    manager = EpisodeManager(EpisodeSettings())
    assert manager.wants_reset(0.0) is None and "policy" in manager.waits_for(0.0)


def test_no_episode_begins_before_the_learner_when_one_is_needed() -> None:
    manager = EpisodeManager(EpisodeSettings(wait_for_learner=True))
    manager.on_policy("", True, NOW)
    assert manager.wants_reset(0.0) is None and "learner" in manager.waits_for(0.0)
    manager.debt = 0
    assert manager.wants_reset(0.0) is None and "learner" in manager.waits_for(0.0)
    manager.on_next_episode(next_episode=0)
    assert manager.wants_reset(0.0) == 0


def test_a_node_that_comes_back_counts_on_from_what_the_learner_has() -> None:
    manager = EpisodeManager(EpisodeSettings(wait_for_learner=True, seed=2))
    manager.on_policy("", True, NOW)
    manager.debt = 0
    manager.on_next_episode(next_episode=7)
    manager.on_next_episode(next_episode=2**32 - 1)  # leaves no room to count on: not the learner's
    assert manager.wants_reset(0.0) == 20_007
    manager.reset_done(STEP, 0.0)
    manager.on_next_episode(next_episode=9)  # while an episode runs its number stays
    assert manager.episode == 7


def test_no_episode_begins_while_the_policy_cannot_keep_what_it_would_live_through() -> None:
    manager = EpisodeManager(EpisodeSettings())
    manager.on_policy("the journal is full", True, NOW)
    assert manager.wants_reset(0.0) is None and manager.waits_for(0.0) == "the journal is full"
    manager.blocked = ""
    assert manager.wants_reset(0.0) is not None


def test_no_episode_begins_while_the_policy_is_inactive_or_silent() -> None:
    manager = EpisodeManager(EpisodeSettings())
    manager.on_policy("", False, 0.0)
    assert manager.wants_reset(0.1) is None and "activate" in manager.waits_for(0.1)
    manager.on_policy("", True, 1.0)
    assert manager.waits_for(1.0 + POLICY_S) == ""
    assert manager.wants_reset(1.5 + POLICY_S) is None and "for 6 s" in manager.waits_for(1.5 + POLICY_S)
    manager.on_policy("", True, 9.0)
    assert manager.wants_reset(9.0) is not None


def test_an_episode_whose_policy_is_deactivated_is_discarded_at_once() -> None:
    manager = running()
    assert manager.stalled(0.1) is None
    manager.on_policy("deactivated", False, 0.2)
    event = manager.stalled(0.2)
    assert event is not None and event.kind == EpisodeEventKind.DISCARDED and not manager.running
    assert manager.stalled(0.3) is None and manager.wants_reset(0.3) is None
    manager.on_policy("", True, 0.4)
    assert manager.wants_reset(0.4) is not None


def test_the_robot_waits_between_episodes_for_a_learner_that_is_behind() -> None:
    manager = EpisodeManager(EpisodeSettings(max_update_debt=200))
    manager.on_policy("", True, NOW)
    manager.debt = 201
    assert manager.wants_reset(0.0) is None and "201 updates" in manager.waits_for(0.0)
    manager.debt = 200
    assert manager.wants_reset(0.0) is not None


def test_success_ends_the_episode_at_the_state_that_shows_it() -> None:
    manager = running()
    assert manager.state(2 * STEP, False, False, 1, 0.1) is None
    event = manager.state(3 * STEP, True, True, 2, 0.2)
    assert event is not None and (event.kind, event.stamp_ns, event.steps, event.reward) == (
        EpisodeEventKind.SUCCESS,
        3 * STEP,
        2,
        1.0,
    )
    assert not manager.running and manager.state(3 * STEP, True, True, 2, 0.3) is None


def test_a_state_from_before_the_reset_ends_nothing() -> None:
    manager = running()
    assert manager.state(STEP, True, True, 40, 0.1) is None and manager.running


def test_the_time_limit_is_a_time_out() -> None:
    # started at 50 ms, limit 100 ms: the state of 150 ms ends it
    manager = running(time_limit_s=0.1)
    assert manager.state(2 * STEP, False, False, 1, 0.1) is None
    event = manager.state(3 * STEP, False, False, 2, 0.2)
    assert event is not None and event.kind == EpisodeEventKind.TIMEOUT and event.reward == 0.0


def test_each_episode_has_a_seed_of_its_own() -> None:
    manager = running(seed=3)
    manager.state(2 * STEP, True, True, 1, 0.1)
    assert manager.wants_reset(0.0) == 30_001


def test_held_out_resets_are_those_that_training_never_uses() -> None:
    manager = EpisodeManager(EpisodeSettings(seed=100, held_out=True))
    manager.on_policy("", True, NOW)
    first = manager.wants_reset(0.0)
    assert first is not None and is_held_out(first)
    trained = EpisodeManager(EpisodeSettings(seed=100))
    trained.on_policy("", True, NOW)
    assert not is_held_out(trained.wants_reset(0.0) or 0)


def test_without_a_person_a_reset_that_failed_is_asked_for_again_after_a_pause() -> None:
    manager = EpisodeManager(EpisodeSettings())
    manager.on_policy("", True, NOW)
    seed = manager.wants_reset(0.0)
    assert manager.wants_reset(0.0) is None
    manager.reset_failed("pushed with 50 N", 3.0)
    assert manager.wants_reset(2.9 + PAUSE_S) is None and manager.failure == "pushed with 50 N"
    assert manager.wants_reset(3.0 + PAUSE_S) == seed
    manager.reset_continues()
    assert manager.failure == ""


def test_without_a_person_a_robot_that_is_not_there_yet_is_looked_for_at_once() -> None:
    manager = EpisodeManager(EpisodeSettings())
    manager.on_policy("", True, NOW)
    assert manager.wants_reset(0.0) == 0
    manager.reset_postponed("nobody is there")
    assert manager.wants_reset(0.1) == 0 and manager.failure == "nobody is there"
    manager.reset_done(STEP, 0.2)
    assert manager.failure == ""


def with_person(asked_s: float = 0.0) -> EpisodeManager:
    manager = EpisodeManager(EpisodeSettings(automatic=False))
    manager.on_policy("", True, NOW)
    assert manager.request_reset(asked_s) == ""
    return manager


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


def test_a_silent_robot_ends_the_episode_without_counting_it() -> None:
    manager = running()
    assert manager.stalled(STALL_S - 1) is None
    event = manager.stalled(STALL_S + 1)
    assert event is not None and event.kind == EpisodeEventKind.DISCARDED and manager.ended == 0


def test_a_robot_that_began_anew_ends_the_episode_without_counting_it() -> None:
    for strange in ((2 * STEP, 1), (9 * STEP, 1)):  # its clock went back, or its steps began anew
        manager = running()
        manager.state(5 * STEP, False, False, 4, 0.1)
        stamp, step = strange
        manager.state(stamp, False, False, step, 1.0)
        assert manager.stalled(1.0 + STRANGE_S / 2) is None
        manager.state(stamp + STEP, False, False, step + 1, 1.5)
        event = manager.stalled(1.1 + STRANGE_S)
        assert event is not None and event.kind == EpisodeEventKind.DISCARDED and manager.ended == 0


@pytest.mark.parametrize("automatic", [False, True])
@pytest.mark.parametrize("by_s", [-3600, 3600])
def test_a_clock_set_in_an_episode_discards_it_with_the_reason(automatic: bool, by_s: int) -> None:
    manager = begun(automatic)
    for k in range(2, 6):
        assert manager.state(HOUR + k * STEP, False, False, k if automatic else 0, 0.05 * k) is None
    event = manager.state(HOUR + 6 * STEP + by_s * 10**9, True, True, 6 if automatic else 0, 0.3)
    assert event is not None and (event.kind, event.stamp_ns) == (EpisodeEventKind.DISCARDED, HOUR + 5 * STEP)
    assert event.reason.startswith(
        f"the clock of the robot's states was set {'back' if by_s < 0 else 'forward'} by 3600.0"
    )
    assert not manager.running and manager.ended == 0
    assert manager.label(EpisodeEventKind.SUCCESS, "operator") is None  # no label in the future
    manager.reset_done(HOUR + 7 * STEP + by_s * 10**9, 0.35)  # and the next episode is one as any other
    assert manager.state(HOUR + 8 * STEP + by_s * 10**9, False, False, 1, 0.4) is None and manager.running


@pytest.mark.parametrize("automatic", [False, True])
def test_a_detector_whose_clock_is_ahead_does_not_time_the_episode_out(automatic: bool) -> None:
    manager = begun(automatic)
    event = manager.state(HOUR + 600 * 10**9, True, False, 1, 0.1)
    assert event is not None and event.kind == EpisodeEventKind.DISCARDED and "set forward by 600" in event.reason


@pytest.mark.parametrize("automatic", [False, True])
def test_a_detector_whose_clock_is_behind_is_said(automatic: bool) -> None:
    manager = begun(automatic)
    for k in range(1, 30):
        assert manager.state(HOUR - 600 * 10**9 + k * STEP, False, False, 0, 0.05 * k) is None
    event = manager.stalled(0.05 * 30)
    assert event is not None and event.kind == EpisodeEventKind.DISCARDED
    assert "the clocks of two computers disagree" in event.reason


def test_a_slow_detector_ends_nothing_by_its_late_states() -> None:
    """1.5 s of latency: its first states are of before the reset."""
    manager = begun(True)
    late_ns = 1_500_000_000
    for k in range(2, 60):
        step = max(0, k - 30)
        assert manager.state(HOUR + k * STEP - late_ns, False, False, step, 0.05 * k) is None
        if 0.05 * k < STRANGE_S:
            assert manager.stalled(0.05 * k) is None


def test_a_limit_counts_the_stamps_of_a_simulation_of_any_speed() -> None:
    manager = running(time_limit_s=10.0)
    ends = [manager.state(STEP + k * STEP, False, False, k, 0.001 * k) for k in range(1, 201)]
    assert ends[:-1] == [None] * 199 and ends[-1] is not None and ends[-1].kind == EpisodeEventKind.TIMEOUT


def test_one_late_state_of_before_the_reset_ends_nothing() -> None:
    manager = running()
    manager.state(STEP - 1, False, False, 40, 0.1)
    manager.state(2 * STEP, False, False, 1, 0.2)
    assert manager.stalled(0.2 + 2 * STRANGE_S) is None


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


def test_it_is_done_after_the_episodes_asked_for() -> None:
    manager = running(max_episodes=1)
    manager.state(2 * STEP, True, True, 1, 0.1)
    assert manager.done and manager.wants_reset(0.0) is None


def test_an_arm_that_stops_discards_the_episode_with_its_reason() -> None:
    manager = running()
    manager.state(2 * STEP, False, False, 1, 0.1)
    event = manager.on_arm_stopped("the arm is in FAULT: the gripper is not homed")
    assert event is not None and (event.kind, event.stamp_ns) == (EpisodeEventKind.DISCARDED, 2 * STEP)
    assert event.reason == "the arm is in FAULT: the gripper is not homed"
    assert manager.ended == 0 and not manager.running and manager.on_arm_stopped("again") is None
