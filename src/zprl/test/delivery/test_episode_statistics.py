"""Which episodes ended and how: of two robots, with a person's help and without."""

from zprl.delivery.episode_statistics import EpisodeStatistics


def test_episodes_of_two_robots_are_told_apart() -> None:
    statistics = EpisodeStatistics()
    assert statistics.step("a", 0, 4, 0.0, False, False) is None
    assert statistics.step("b", 0, 3, 0.0, False, True).outcome == "TIMEOUT"  # type: ignore[union-attr]
    ended = statistics.step("a", 0, 2, 1.0, True, False)
    assert ended is not None and (ended.outcome, ended.steps, ended.env_steps) == ("SUCCESS", 6, 9)
    assert (statistics.episodes, statistics.successes, statistics.next_episode("a")) == (2, 1, 1)


def test_a_success_with_a_persons_help_is_none_of_the_policys() -> None:
    statistics = EpisodeStatistics()
    statistics.step("a", 0, 4, 0.0, False, False, intervention=True)
    ended = statistics.step("a", 0, 4, 1.0, True, False)
    assert (
        ended is not None
        and ended.outcome == "ASSISTED"
        and statistics.successes == 0
        and list(statistics.recent) == [False]
    )
    ended = statistics.step("a", 1, 4, 1.0, True, False)  # the next episode knows nothing of it
    assert ended is not None and ended.outcome == "SUCCESS" and statistics.successes == 1
