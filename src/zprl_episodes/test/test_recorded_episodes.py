"""Episodes that a human demonstrates, and episodes that wait for a recorder. Stamps in ns, one state each 50 ms."""

from zprl_core.episode_event import EpisodeEventKind
from zprl_episodes.episode_manager import EXPECTED_S, RECORDER_S, RECORDING, UNHEARD_S, EpisodeManager, EpisodeSettings

STEP = 50_000_000
NOW = float("inf")  # of a policy that never falls silent


def by_hand(**settings: int) -> EpisodeManager:
    return EpisodeManager(
        EpisodeSettings(automatic=False, has_policy=False, wait_for_recorder=True, **settings)  # type: ignore[arg-type]
    )


def test_a_human_who_demonstrates_needs_no_policy() -> None:
    manager = by_hand(first_episode=7)
    manager.on_recorder(True, 100.0)
    assert manager.request_reset(100.0) == "" and manager.wants_reset(100.0) == 7
    event = manager.reset_done(STEP, 100.1)
    assert event.episode == 7 and manager.stalled(1000.0) is None
    assert manager.state(2 * STEP, True, True, 1, 100.2) is None  # the human labels it
    ended = manager.label(EpisodeEventKind.SUCCESS, "person")
    assert ended is not None and ended.reward == 1.0


def test_the_next_episode_waits_a_moment_for_the_recorder() -> None:
    manager = by_hand()
    assert manager.request_reset(0.0) == "" and manager.wants_reset(0.0) is None
    manager.on_recorder(True, 1.0)
    assert manager.wants_reset(1.0) == 0
    manager = by_hand()
    manager.request_reset(0.0)
    assert manager.wants_reset(EXPECTED_S + 0.1) is None and "the recorder is not ready" in manager.failure
    manager.on_recorder(True, EXPECTED_S + 0.2)
    assert manager.wants_reset(EXPECTED_S + 0.2) is None  # it was not kept


def test_no_episode_starts_with_a_recorder_that_is_silent_or_has_not_finished_the_last_one() -> None:
    manager = EpisodeManager(EpisodeSettings(wait_for_recorder=True))
    manager.on_policy("", True, NOW)
    manager.on_recorder(False, 0.0)
    manager.on_recorder(True, 0.1)
    assert manager.waits_for(0.1 + RECORDER_S + 0.01) == RECORDING  # killed
    manager.on_recorder(True, 1.0)
    assert manager.wants_reset(1.0) == 0
    manager.reset_done(STEP, 1.1)
    manager.on_recorder(True, 1.15)  # it has not heard of the start
    manager.label(EpisodeEventKind.SUCCESS, "person")
    assert manager.waits_for(1.2) == RECORDING
    manager.on_recorder(True, 1.1 + UNHEARD_S + 0.1)  # the report between was lost, as on a busy machine
    assert manager.waits_for(1.1 + UNHEARD_S + 0.1) == ""
    manager.reset_done(2 * STEP, 3.0)
    manager.label(EpisodeEventKind.SUCCESS, "person")
    manager.on_recorder(False, 3.1)  # its bag is open
    assert manager.waits_for(3.1) == RECORDING
    manager.on_recorder(True, 3.4)
    assert manager.waits_for(3.4) == ""
