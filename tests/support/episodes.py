"""Episode managers in the middle of an episode. Stamps in ns, one state each 50 ms."""

from zprl_episodes.episode_manager import EpisodeManager, EpisodeSettings

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


def with_person(asked_s: float = 0.0) -> EpisodeManager:
    manager = EpisodeManager(EpisodeSettings(automatic=False))
    manager.on_policy("", True, NOW)
    assert manager.request_reset(asked_s) == ""
    return manager
