"""When episodes begin and end. Stamps in ns, one state each 50 ms."""

from zprl_core.episode_event import EpisodeEventKind
from zprl_episodes.episode_manager import EXPECTED_S, PAUSE_S, STALL_S, STRANGE_S, EpisodeManager, EpisodeSettings

STEP = 50_000_000


def running(**settings: float) -> EpisodeManager:
    director = EpisodeManager(EpisodeSettings(**settings))  # type: ignore[arg-type]
    director.policy_seen = True
    assert director.wants_reset(0.0) is not None
    director.reset_done(STEP, now_s=0.0)
    return director


def test_no_episode_begins_before_a_policy_has_spoken() -> None:
    director = EpisodeManager(EpisodeSettings())
    assert director.wants_reset(0.0) is None and "policy" in director.waits_for()


def test_no_episode_begins_before_the_learner_when_one_is_needed() -> None:
    director = EpisodeManager(EpisodeSettings(wait_for_learner=True))
    director.policy_seen = True
    assert director.wants_reset(0.0) is None and "learner" in director.waits_for()
    director.debt = 0
    assert director.wants_reset(0.0) is None and "learner" in director.waits_for()
    director.on_next_episode(next_episode=0)
    assert director.wants_reset(0.0) == 0


def test_a_node_that_comes_back_counts_on_from_what_the_learner_has() -> None:
    director = EpisodeManager(EpisodeSettings(wait_for_learner=True, seed=2))
    director.policy_seen, director.debt = True, 0
    director.on_next_episode(next_episode=7)
    director.on_next_episode(next_episode=2**32 - 1)  # leaves no room to count on: not the learner's
    assert director.wants_reset(0.0) == 20_007
    director.reset_done(STEP, 0.0)
    director.on_next_episode(next_episode=9)  # while an episode runs its number stays
    assert director.episode == 7


def test_no_episode_begins_while_the_policy_cannot_keep_what_it_would_live_through() -> None:
    director = EpisodeManager(EpisodeSettings())
    director.policy_seen, director.blocked = True, "the journal is full"
    assert director.wants_reset(0.0) is None and director.waits_for() == "the journal is full"
    director.blocked = ""
    assert director.wants_reset(0.0) is not None


def test_the_robot_waits_between_episodes_for_a_learner_that_is_behind() -> None:
    director = EpisodeManager(EpisodeSettings(max_update_debt=200))
    director.policy_seen, director.debt = True, 201
    assert director.wants_reset(0.0) is None and "201 updates" in director.waits_for()
    director.debt = 200
    assert director.wants_reset(0.0) is not None


def test_success_ends_the_episode_at_the_state_that_shows_it() -> None:
    director = running()
    assert director.state(2 * STEP, False, False, 1, 0.1) is None
    news = director.state(3 * STEP, True, True, 2, 0.2)
    assert news is not None and (news.kind, news.stamp_ns, news.steps, news.reward) == (
        EpisodeEventKind.SUCCESS,
        3 * STEP,
        2,
        1.0,
    )
    assert not director.running and director.state(3 * STEP, True, True, 2, 0.3) is None


def test_a_state_from_before_the_reset_ends_nothing() -> None:
    director = running()
    assert director.state(STEP, True, True, 40, 0.1) is None and director.running


def test_the_time_limit_is_a_time_out() -> None:
    # started at 50 ms, limit 100 ms: the state of 150 ms ends it
    director = running(time_limit_s=0.1)
    assert director.state(2 * STEP, False, False, 1, 0.1) is None
    news = director.state(3 * STEP, False, False, 2, 0.2)
    assert news is not None and news.kind == EpisodeEventKind.TIMEOUT and news.reward == 0.0


def test_each_episode_has_a_seed_of_its_own() -> None:
    director = running(seed=3)
    director.state(2 * STEP, True, True, 1, 0.1)
    assert director.wants_reset(0.0) == 30_001


def test_without_a_person_a_reset_that_failed_is_asked_for_again_after_a_pause() -> None:
    director = EpisodeManager(EpisodeSettings())
    director.policy_seen = True
    seed = director.wants_reset(0.0)
    assert director.wants_reset(0.0) is None
    director.reset_failed("pushed with 50 N", 3.0)
    assert director.wants_reset(2.9 + PAUSE_S) is None and director.failure == "pushed with 50 N"
    assert director.wants_reset(3.0 + PAUSE_S) == seed
    director.reset_goes_on()
    assert director.failure == ""


def test_without_a_person_a_robot_that_is_not_there_yet_is_looked_for_at_once() -> None:
    director = EpisodeManager(EpisodeSettings())
    director.policy_seen = True
    assert director.wants_reset(0.0) == 0
    director.reset_postponed("nobody is there")
    assert director.wants_reset(0.1) == 0 and director.failure == "nobody is there"
    director.reset_done(STEP, 0.2)
    assert director.failure == ""


def with_person(asked_s: float = 0.0) -> EpisodeManager:
    director = EpisodeManager(EpisodeSettings(automatic=False))
    director.policy_seen = True
    assert director.request_reset(asked_s) == ""
    return director


def test_with_a_person_a_reset_that_failed_is_over() -> None:
    director = with_person()
    assert director.wants_reset(0.0) == 0
    director.reset_failed("stopped by a person", 1.0)
    assert director.failure == "stopped by a person"
    assert [director.wants_reset(t) for t in (1.0, 2.0 + PAUSE_S, 60.0)] == [None, None, None]
    assert director.request_reset(60.0) == director.failure == "" and director.wants_reset(60.0) == 0
    director.reset_failed("stopped by a person", 61.0)
    assert director.request_reset(61.0) == "" and director.wants_reset(61.0) == 0  # at once: a person waits


def test_a_robot_that_is_not_there_yet_is_looked_for_while_the_person_expects_it() -> None:
    director = with_person(10.0)
    for now_s in (10.0, 10.0 + EXPECTED_S):
        assert director.wants_reset(now_s) == 0
        director.reset_postponed("nobody is there")
        assert director.failure == ""
    assert director.wants_reset(10.1 + EXPECTED_S) is None and director.failure == "nobody is there"
    assert director.wants_reset(10.2 + EXPECTED_S) is None


def test_a_person_who_asks_too_early_is_told_so_and_nothing_is_kept() -> None:
    director = EpisodeManager(EpisodeSettings(automatic=False))
    assert director.request_reset(0.0) == "no policy has spoken yet; ask again when that is over"
    director.policy_seen, director.blocked = True, "the journal is full"
    assert director.request_reset(0.1).startswith("the journal is full")
    director.blocked = ""
    assert director.wants_reset(0.2) is None


def test_what_was_asked_for_and_could_not_begin_is_not_kept_either() -> None:
    director = with_person()
    director.blocked = "the journal is full"
    assert director.wants_reset(EXPECTED_S) is None and director.failure == ""
    assert director.wants_reset(0.1 + EXPECTED_S) is None and director.failure == "the journal is full"
    director.blocked = ""
    assert director.wants_reset(0.2 + EXPECTED_S) is None


def test_asked_twice_is_one_episode() -> None:
    director = with_person()
    assert director.wants_reset(0.0) == 0
    director.blocked = "the journal is full"
    assert director.request_reset(0.5) == ""  # it is under way
    director.reset_done(STEP, 1.0)
    assert director.request_reset(1.1).startswith("an episode runs")
    director.label(EpisodeEventKind.SUCCESS, "person")
    director.blocked = ""
    assert director.wants_reset(1.2) is None


def test_a_silent_robot_ends_the_episode_without_counting_it() -> None:
    director = running()
    assert director.stalled(STALL_S - 1) is None
    news = director.stalled(STALL_S + 1)
    assert news is not None and news.kind == EpisodeEventKind.DISCARDED and director.ended == 0


def test_a_robot_that_began_anew_ends_the_episode_without_counting_it() -> None:
    for strange in ((2 * STEP, 1), (9 * STEP, 1)):  # its clock went back, or its steps began anew
        director = running()
        director.state(5 * STEP, False, False, 4, 0.1)
        stamp, step = strange
        director.state(stamp, False, False, step, 1.0)
        assert director.stalled(1.0 + STRANGE_S / 2) is None
        director.state(stamp + STEP, False, False, step + 1, 1.5)
        news = director.stalled(1.1 + STRANGE_S)
        assert news is not None and news.kind == EpisodeEventKind.DISCARDED and director.ended == 0


def test_one_late_state_of_before_the_reset_ends_nothing() -> None:
    director = running()
    director.state(STEP - 1, False, False, 40, 0.1)
    director.state(2 * STEP, False, False, 1, 0.2)
    assert director.stalled(0.2 + 2 * STRANGE_S) is None


def test_a_person_begins_and_labels() -> None:
    director = EpisodeManager(EpisodeSettings(automatic=False))
    director.policy_seen = True
    assert director.wants_reset(0.0) is None and director.label(EpisodeEventKind.SUCCESS, "person") is None
    assert director.request_reset(0.0) == ""
    assert director.wants_reset(0.0) is not None
    director.reset_done(STEP, 0.0)
    assert director.state(2 * STEP, True, True, 1, 0.1) is None  # the person decides, not the detector
    news = director.label(EpisodeEventKind.FAILURE, "person")
    assert news is not None and (news.kind, news.stamp_ns, news.source) == (
        EpisodeEventKind.FAILURE,
        2 * STEP,
        "person",
    )
    assert director.wants_reset(0.0) is None


def test_the_clock_ends_an_episode_that_nobody_labels() -> None:
    director = EpisodeManager(EpisodeSettings(automatic=False, time_limit_s=0.1))
    director.policy_seen = True
    assert director.request_reset(0.0) == ""
    assert director.wants_reset(0.0) is not None
    director.reset_done(STEP, 0.0)
    assert director.state(2 * STEP, False, False, 0, 0.1) is None
    news = director.state(3 * STEP, False, False, 0, 0.2)
    assert (
        news is not None
        and news.kind == EpisodeEventKind.TIMEOUT
        and director.label(EpisodeEventKind.SUCCESS, "person") is None
    )


def test_it_is_done_after_the_episodes_asked_for() -> None:
    director = running(max_episodes=1)
    director.state(2 * STEP, True, True, 1, 0.1)
    assert director.done and director.wants_reset(0.0) is None
