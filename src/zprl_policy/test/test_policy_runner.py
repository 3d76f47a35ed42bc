"""When the policy acts. States every 50 ms of one clock; stamps in ns."""

import numpy as np
import pytest

from policy_harness import CUBE, STEP, runner, see, start
from zprl.rl.config import Mode
from zprl_core.episode_event import EpisodeEvent, EpisodeEventKind
from zprl_core.observation import TOOL, WIDTH
from zprl_policy.settings import PolicySettings


def test_nothing_is_commanded_before_an_episode() -> None:
    f = runner()
    see(f, 1)
    assert f.answer(STEP) is None and f.tick(STEP, 4 * STEP) is None


def test_each_state_is_answered_once_and_only_when_it_is_whole() -> None:
    f = runner()
    start(f)
    see(f, 1, streams=(TOOL, WIDTH))
    assert f.answer(STEP) is None
    see(f, 1, streams=(CUBE,))
    answer = f.answer(STEP)
    assert answer is not None and answer.stamp_ns == STEP
    assert f.answer(STEP) is None and f.env_steps == 1


def test_a_state_from_before_the_reset_is_not_answered() -> None:
    f = runner()
    start(f, k=3)
    see(f, 2)
    assert f.answer(2 * STEP) is None


def test_the_news_of_an_end_may_come_before_its_state() -> None:
    f = runner()
    start(f)
    see(f, 1)
    f.answer(STEP)
    f.on_event(EpisodeEvent(EpisodeEventKind.SUCCESS, 2 * STEP, 0, 1.0))
    assert f.policy.take() == []
    see(f, 2)
    assert f.answer(2 * STEP) is None
    (only,) = f.policy.take()
    assert only.terminated and only.steps == 1 and only.reward == 1.0


def test_the_news_of_an_end_may_come_after_its_state_was_answered() -> None:
    f = runner()
    start(f)
    for k in (1, 2, 3):
        see(f, k)
        f.answer(k * STEP)
    f.on_event(EpisodeEvent(EpisodeEventKind.TIMEOUT, 3 * STEP, 0))
    (only,) = f.policy.take()
    assert only.truncated and not only.terminated and only.steps == 2


def test_a_failure_terminates_without_reward_and_a_discarded_episode_leaves_nothing() -> None:
    f = runner()
    for kind, expected in ((EpisodeEventKind.FAILURE, 1), (EpisodeEventKind.DISCARDED, 0)):
        k = 10 * int(kind)
        start(f, k)
        for i in (k, k + 1):
            see(f, i)
            f.answer(i * STEP)
        f.on_event(EpisodeEvent(kind, (k + 1) * STEP, 0))
        transitions = f.policy.take()
        assert len(transitions) == expected
        assert all(t.terminated and t.reward == 0.0 for t in transitions)


def test_a_state_that_is_not_finite_is_held_and_counted() -> None:
    f = runner()
    start(f)
    see(f, 1, x=float("nan"))
    assert f.answer(STEP) is None
    assert f.held_ticks == 1 and "arm/current_pose" in f.hold_reason and "not finite" in f.hold_reason
    see(f, 2)
    assert f.answer(2 * STEP) is not None and f.hold_reason == ""


def test_a_stale_stream_holds_the_arm_and_is_named() -> None:
    f = runner()
    start(f)
    see(f, 1)
    assert f.tick(2 * STEP, 4 * STEP) is not None
    see(f, 6, streams=(TOOL, WIDTH))
    assert f.tick(6 * STEP, 4 * STEP) is None
    assert f.held_ticks == 1 and f.hold_reason.startswith("objects/cube/pose is stale: 250 ms old")


def test_hold_mode_sends_nothing() -> None:
    f = runner(Mode.HOLD)
    start(f)
    see(f, 1)
    assert f.answer(STEP) is None and f.held_ticks == 1


def test_a_full_journal_holds_the_robot() -> None:
    f = runner(Mode.FINETUNE)
    start(f)
    see(f, 1)
    f.blocked = "the journal is full"
    assert f.answer(STEP) is None and f.hold_reason == "the journal is full"
    f.blocked = ""
    assert f.answer(STEP) is not None


def test_no_chunk_spans_a_jump_in_time() -> None:
    """The robot was restarted in the middle of an episode: what was under way is forgotten."""
    f = runner(Mode.FINETUNE)
    start(f)
    for k in (1, 2, 3, 20, 21, 22, 23, 24):
        see(f, k)
        assert f.answer(k * STEP) is not None
    f.on_event(EpisodeEvent(EpisodeEventKind.SUCCESS, 25 * STEP, 0, 1.0))
    see(f, 25)
    f.settle()
    stamps = [t.stamp_ns // STEP for t in f.policy.take()]
    assert stamps == [21, 23, 24]  # and none of the chunks of 1, 2 and 3


def test_an_end_between_the_stamps_of_the_streams_ends_at_the_next_state() -> None:
    """A real robot's streams, and whoever says that it is over, have stamps of their own."""
    f = runner(Mode.FINETUNE)
    start(f)
    for k in (1, 2, 3):
        see(f, k)
        assert f.tick(k * STEP, 4 * STEP) is not None
    f.on_event(EpisodeEvent(EpisodeEventKind.SUCCESS, 3 * STEP + 1000, 0, 1.0))
    assert f.tick(3 * STEP + 2000, 4 * STEP) is None and f.policy.take() == []
    see(f, 4)
    assert f.tick(4 * STEP, 4 * STEP) is None
    ends = [(t.steps, t.terminated, t.reward) for t in f.policy.take()]
    assert ends == [(2, False, 0.0), (1, True, 1.0)]


def test_a_clock_that_goes_back_begins_anew() -> None:
    f = runner()
    start(f, k=1000)
    see(f, 1000)
    assert f.answer(1000 * STEP) is not None
    see(f, 5)
    assert f.answer(5 * STEP) is None  # no episode of the new clock yet
    start(f, k=6, episode=1)
    see(f, 6)
    assert f.answer(6 * STEP) is not None


def test_an_unknown_mode_lists_the_choices() -> None:
    with pytest.raises(ValueError, match="base, finetune, evaluate, hold"):
        _ = PolicySettings(mode="fast").start_mode


def test_targets_stay_within_one_step_of_the_measured_tool() -> None:
    f = runner()
    start(f)
    see(f, 1)
    answer = f.answer(STEP)
    assert answer is not None
    assert np.abs(np.subtract(answer.targets[""].pose.position, (0.5, 0.0, 0.2))).max() <= 0.02 + 1e-9
