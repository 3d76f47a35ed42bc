"""When episodes begin and end. Stamps in ns, one state each 50 ms."""

from episodes import NOW, STEP, running
from zprl_core.episode_event import EpisodeEventKind
from zprl_core.seeds import is_held_out
from zprl_episodes.episode_manager import (
    LEARNER_S,
    PAUSE_S,
    POLICY_S,
    STALL_S,
    STRANGE_S,
    EpisodeManager,
    EpisodeSettings,
)


def test_no_episode_begins_before_a_policy_has_spoken() -> None:
    manager = EpisodeManager(EpisodeSettings())
    assert manager.wants_reset(0.0) is None and "policy" in manager.waits_for(0.0)


def test_no_episode_begins_before_the_learner_when_one_is_needed() -> None:
    manager = EpisodeManager(EpisodeSettings(wait_for_learner=True))
    manager.on_policy("", True, NOW)
    assert manager.wants_reset(0.0) is None and "learner" in manager.waits_for(0.0)
    manager.on_learner(0, 0.0)
    assert manager.wants_reset(0.0) is None and "learner" in manager.waits_for(0.0)
    manager.on_next_episode(next_episode=0)
    assert manager.wants_reset(0.0) == 0


def test_a_node_that_comes_back_counts_on_from_what_the_learner_has() -> None:
    manager = EpisodeManager(EpisodeSettings(wait_for_learner=True, seed=2))
    manager.on_policy("", True, NOW)
    manager.on_learner(0, 0.0)
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
    manager.on_learner(201, 0.0)
    assert manager.wants_reset(0.0) is None and "201 updates" in manager.waits_for(0.0)
    manager.on_learner(200, 0.0)
    assert manager.wants_reset(0.0) is not None


def test_what_a_learner_owed_before_it_fell_silent_does_not_hold_the_robot() -> None:
    """Its journal keeps what it collects meanwhile."""
    manager = EpisodeManager(EpisodeSettings(max_update_debt=200, wait_for_learner=True))
    manager.on_policy("", True, NOW)
    manager.on_learner(201, 0.0)
    manager.on_next_episode(0)
    assert "201 updates" in manager.waits_for(LEARNER_S)
    manager.on_policy("", True, LEARNER_S)
    assert manager.waits_for(LEARNER_S + 0.1) == "" and manager.wants_reset(LEARNER_S + 0.1) is not None


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
