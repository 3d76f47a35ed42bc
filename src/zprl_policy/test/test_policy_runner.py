"""When the policy acts. States every 50 ms of one clock; stamps in ns."""

import numpy as np
import pytest

from policy_harness import CUBE, STEP, runner, see, start
from zprl.rl.config import Mode
from zprl_core.episode_event import EpisodeEvent, EpisodeEventKind
from zprl_core.observation import TOOL, WIDTH, Pose
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


def test_a_state_before_the_start_is_said_by_name_and_counted() -> None:
    """A cube stamped by a computer whose clock is 600 s behind: never a silent no."""
    f = runner()
    start(f, k=12_002)
    see(f, 12_003, streams=(TOOL, WIDTH))
    f.streams.push(CUBE, 3 * STEP, Pose((0.5, 0.1, 0.02)), arrived_ns=12_003 * STEP)
    assert f.tick(12_003 * STEP, 10**12) is None and f.held_ticks == 1
    assert f.hold_reason.startswith("objects/cube/pose is stamped 599.95 s before the start of the episode")


def test_in_lockstep_an_unanswered_state_is_said_when_it_is_repeated() -> None:
    f = runner(lockstep=True)
    start(f, k=3)
    see(f, 3, streams=(TOOL, WIDTH))
    assert f.answer(3 * STEP) is None and f.hold_reason == ""  # the cube may still come
    f.on_repeat(3 * STEP, 0)
    assert f.hold_reason == "no sample of objects/cube/pose yet" and f.held_ticks == 1
    f.on_repeat(2 * STEP, 0)
    assert f.hold_reason.startswith("the state is stamped 0.05 s before the start") and f.held_ticks == 2
    see(f, 3)
    assert f.answer(3 * STEP) is not None and f.hold_reason == ""
    f.on_repeat(3 * STEP, 0)
    assert f.held_ticks == 2


def test_an_answered_state_that_is_repeated_for_ever_is_said_after_five_seconds() -> None:
    """A policy that took long finds several repetitions, which is no fault; a robot that does not step is one."""
    f = runner(lockstep=True)
    start(f)
    for k in (1, 2):
        see(f, k)
        assert f.answer(k * STEP) is not None
        for now_s in (100.0, 100.1, 104.9):
            f.on_repeat(k * STEP, round((now_s + 10 * k) * 1e9))
        assert f.waits == "" and f.held_ticks == 0
    f.on_repeat(1 * STEP, 200 * 10**9)  # an old message is no repetition
    assert f.waits == ""
    f.on_repeat(2 * STEP, 125 * 10**9)
    assert f.waits.startswith("the robot has repeated an answered state for 5 s: its node does not receive arm/command")
    assert f.held_ticks == 1
    see(f, 3)
    assert f.answer(3 * STEP) is not None and f.waits == ""


def test_a_robot_that_repeats_its_state_between_episodes_is_not_stuck() -> None:
    f = runner(lockstep=True)
    start(f)
    see(f, 1)
    f.answer(STEP)
    f.on_event(EpisodeEvent(EpisodeEventKind.TIMEOUT, STEP, 0))
    for now_s in (0, 60):
        f.on_repeat(STEP, now_s * 10**9)
    assert f.waits == "no episode is running" and f.held_ticks == 0


def test_it_is_said_why_nothing_is_commanded_between_episodes() -> None:
    f = runner()
    assert f.waits == "no episode is running" and f.held_ticks == 0
    f.refusal = "the learner owes 201 updates, allowed are 200"
    assert f.waits == "no episode is running: the learner owes 201 updates, allowed are 200"
    f.refusal = ""
    f.policy.mode = Mode.HOLD
    assert f.waits.startswith("the policy is in mode hold")
    f.policy.mode = Mode.BASE
    f.blocked = "the journal is full"
    assert f.waits == "the journal is full"
    f.blocked = ""
    start(f)
    see(f, 1)
    f.answer(STEP)
    assert f.waits == ""
    f.on_event(EpisodeEvent(EpisodeEventKind.SUCCESS, 2 * STEP, 0, 1.0))
    assert f.waits == "the episode waits for its final state"
    see(f, 2)
    f.answer(2 * STEP)
    assert f.waits == "no episode is running"


@pytest.mark.parametrize("by", [-72_000, 72_000])
def test_a_clock_set_in_an_episode_ends_it_for_the_policy_until_the_next(by: int) -> None:
    """By an hour, at 20 Hz."""
    f = runner(Mode.FINETUNE)
    start(f, k=100_000)
    for k in range(100_000, 100_005):
        see(f, k)
        assert f.tick(k * STEP, 4 * STEP) is not None
    f.policy.take()
    f.streams.clear()
    f.on_clock_set("the clock of arm/current_pose was set")
    for k in range(100_005, 100_010):
        see(f, k + by)
        assert f.tick((k + by) * STEP, 4 * STEP) is None
    assert f.held_ticks == 5
    assert f.waits == "the clock of arm/current_pose was set in the episode: the policy waits for the next one"
    f.on_event(EpisodeEvent(EpisodeEventKind.DISCARDED, 100_004 * STEP, 0))
    assert f.tick((100_010 + by) * STEP, 4 * STEP) is None and f.policy.take() == []
    start(f, k=100_011 + by, episode=1)
    see(f, 100_011 + by)
    assert f.tick((100_011 + by) * STEP, 4 * STEP) is not None and f.waits == ""


def test_a_clock_set_between_episodes_changes_nothing() -> None:
    f = runner()
    f.on_clock_set("the clock of arm/current_pose was set back by 3600.0 s")
    assert f.waits == "no episode is running"


def test_a_label_stamped_in_the_future_discards_the_episode_and_is_said() -> None:
    f = runner(Mode.FINETUNE)
    start(f)
    for k in (1, 2, 3):
        see(f, k)
        f.tick(k * STEP, 4 * STEP)
    f.policy.take()
    f.on_event(EpisodeEvent(EpisodeEventKind.SUCCESS, 3 * STEP + 3600 * 10**9, 0, 1.0))
    see(f, 4)
    assert f.tick(4 * STEP, 4 * STEP) is None and f.policy.take() == []
    assert "the end of episode 0 is stamped 3600.0 s ahead of the robot's newest state" in f.waits
    assert not f.running


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
