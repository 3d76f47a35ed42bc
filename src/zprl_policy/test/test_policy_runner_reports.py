"""What the policy stores and skips, by what the arm reports. States every 50 ms of one clock; stamps in ns."""

import pytest

from policy_harness import STEP, runner, see, start
from zprl.rl.config import Mode
from zprl_core.action import ArmTarget
from zprl_core.arm_mode import ArmMode
from zprl_core.episode_event import EpisodeEvent, EpisodeEventKind
from zprl_core.observation import Pose
from zprl_policy.arm_reports import ArmReport
from zprl_policy.policy_runner import FOLLOWS, PolicyRunner

AT = ArmTarget(Pose((0.55, 0.0, 0.2), 0.0), 0.0)


def say(f: PolicyRunner, k: int, mode: ArmMode = ArmMode.STREAM, reason: str = "", person: bool = False) -> None:
    """The arm's word with its state of step k, about the step before."""
    f.on_report(ArmReport(k * STEP, mode, AT, reason, clipped=False, person=person))


def fly(f: PolicyRunner, k: int, person: bool = False, x: float = 0.5) -> None:
    """The state of step k, what the arm says with it about the step before, and the answer."""
    see(f, k, x)
    say(f, k, person=person)
    f.answer(k * STEP)


def test_what_a_person_did_is_stored_and_marked_and_then_the_policy_decides_anew() -> None:
    """Chunks of two steps. The hand moves the arm in the first step of the second chunk; from 0.5 to 0.55 is 2.5."""
    f = runner(Mode.FINETUNE)
    start(f)
    for k, person in enumerate([False, False, False, True, False, False, False], start=1):
        fly(f, k, person)
    assert f.policy.chunks == 4  # decided at 1 and 3, at 5 as the hand let go, and at 7
    f.on_event(EpisodeEvent(EpisodeEventKind.SUCCESS, 7 * STEP, 0, 1.0))
    first, helped, last = f.policy.take()
    assert [first.intervention, helped.intervention, last.intervention] == [False, True, False]
    assert helped.steps == 2 and helped.executed[:5] == pytest.approx([2.5, 0.0, 0.0, 0.0, -1.0], abs=1e-5)


def test_a_hand_that_lets_go_in_the_middle_of_a_chunk_ends_it() -> None:
    f = runner(Mode.FINETUNE)
    start(f)
    for k, person in enumerate([False, True, False], start=1):
        fly(f, k, person)
    assert f.policy.chunks == 2
    fly(f, 4, True)
    fly(f, 5, False)  # the second chunk had one step left
    fly(f, 6, False)
    assert f.policy.chunks == 3


def tick(f: PolicyRunner, k: int, mode: ArmMode = ArmMode.STREAM, reason: str = "") -> bool:
    """As `fly`, in real time. Whether it was answered."""
    see(f, k)
    say(f, k, mode, reason)
    return f.tick(k * STEP, 4 * STEP) is not None


def stored(f: PolicyRunner) -> list[tuple[int, int]]:
    """The steps of each transition since the last call, and how many they are."""
    return [(t.stamp_ns // STEP, t.steps) for t in f.policy.take()]


@pytest.mark.parametrize("mode", [m for m in ArmMode if m not in FOLLOWS])
def test_nothing_is_done_and_nothing_stored_while_the_arm_follows_nobody(mode: ArmMode) -> None:
    f = runner(Mode.FINETUNE)
    start(f)
    assert all(tick(f, k) for k in range(1, 7))  # chunks of 1, 2 | 3, 4 | 5, 6
    assert stored(f) == [(2, 2)]  # certain when the third chunk began
    assert not any(tick(f, k, mode, "pushed with 41 N") for k in range(7, 27))
    assert f.held_ticks == 20 and f.hold_reason == f"the arm is in {mode.name}: pushed with 41 N"
    assert f.env_steps == 6 and f.policy.chunks == 3
    assert tick(f, 27, ArmMode.HOLD) and f.hold_reason == ""  # a person armed it: decided anew
    assert f.policy.chunks == 4 and tick(f, 28) and tick(f, 29)
    f.on_event(EpisodeEvent(EpisodeEventKind.SUCCESS, 29 * STEP, 0, 1.0))
    assert stored(f) == [(28, 2)]  # what was under way when it stopped was not executed to its end


def test_a_short_stop_ends_the_chunk_too() -> None:
    """Recovered and armed within what a chunk may wait: it is decided anew all the same."""
    f = runner(Mode.FINETUNE)
    start(f)
    assert tick(f, 1) and not tick(f, 2, ArmMode.FAULT)
    assert all(tick(f, k) for k in (3, 4, 5))
    f.on_event(EpisodeEvent(EpisodeEventKind.TIMEOUT, 5 * STEP, 0))
    assert stored(f) == [(4, 2)]


def test_an_arm_that_gives_no_reason_is_told_what_to_do_first() -> None:
    f = runner()
    start(f)
    assert tick(f, 1) and not tick(f, 2, ArmMode.IDLE)
    assert f.hold_reason == "the arm is in IDLE: enable it"


def test_an_episode_that_is_ended_while_the_arm_follows_nobody_ends_with_nothing() -> None:
    f = runner(Mode.FINETUNE)
    start(f)
    assert all(tick(f, k) for k in range(1, 7)) and not tick(f, 7, ArmMode.FAULT)
    f.on_event(EpisodeEvent(EpisodeEventKind.FAILURE, 7 * STEP, 0))
    assert stored(f) == [(2, 2)] and not f.running


def test_a_way_home_that_begins_before_the_news_of_the_end_costs_nothing() -> None:
    """The arm may be on its way home when the policy hears that it is over, and the end was before that."""
    f = runner(Mode.FINETUNE)
    start(f)
    assert all(tick(f, k) for k in (1, 2, 3)) and not tick(f, 4, ArmMode.RESET)
    f.on_event(EpisodeEvent(EpisodeEventKind.SUCCESS, 3 * STEP, 0, 1.0))
    (only,) = f.policy.take()
    assert only.terminated and (only.steps, only.stamp_ns) == (2, 2 * STEP)


def test_a_step_that_the_arm_never_came_to_is_no_step_of_the_last_chunk() -> None:
    """The end is that of the state of 2, which was answered with an older picture: the arm went home instead."""
    f = runner(Mode.FINETUNE)
    start(f)
    assert all(tick(f, k) for k in (1, 2))
    f.on_event(EpisodeEvent(EpisodeEventKind.SUCCESS, 2 * STEP + 1, 0, 1.0))
    see(f, 3)
    assert f.tick(3 * STEP, 4 * STEP) is None and stored(f) == []  # what did the arm do in the step of 2?
    say(f, 3, ArmMode.RESET)
    assert f.tick(3 * STEP, 4 * STEP) is None and stored(f) == [(1, 1)]


def test_the_end_waits_for_the_arms_word_about_the_last_step() -> None:
    """In lockstep the news of the end may overtake it."""
    f = runner(Mode.FINETUNE, lockstep=True)
    start(f)
    for k in (1, 2):
        fly(f, k)
    see(f, 3)
    f.on_event(EpisodeEvent(EpisodeEventKind.SUCCESS, 3 * STEP, 0, 1.0))
    assert stored(f) == []
    say(f, 3)
    (only,) = f.policy.take()
    assert only.terminated and only.executed[5] == pytest.approx(2.5, abs=1e-5)  # what was told, not what was asked


def test_a_step_without_the_arms_word_is_not_stored_as_if_it_had_been_done() -> None:
    f = runner(Mode.FINETUNE, lockstep=True)
    start(f)
    for k in range(1, 8):
        see(f, k)
        if k != 3:  # about the step of 2
            say(f, k)
        assert f.answer(k * STEP) is not None
    f.on_event(EpisodeEvent(EpisodeEventKind.SUCCESS, 7 * STEP, 0, 1.0))
    assert stored(f) == [(4, 2), (6, 2)] and f.policy.unreported == 1


def test_an_arm_gets_one_command_for_each_of_its_steps() -> None:
    """One tick came late, the next in time: a second command would replace the first before the arm is told that."""
    f = runner(Mode.FINETUNE)
    start(f)
    assert tick(f, 1) and f.tick(STEP, 4 * STEP) is None
    assert f.held_ticks == 1 and "arm/status" in f.hold_reason
    assert all(tick(f, k) for k in (2, 3)) and f.env_steps == 3
    f.on_event(EpisodeEvent(EpisodeEventKind.SUCCESS, 3 * STEP, 0, 1.0))
    assert stored(f) == [(2, 2)] and f.policy.unreported == 0


def test_a_simulation_that_waits_for_its_first_command_gets_one() -> None:
    """It says IDLE with the state that the episode begins with, in lockstep for as long as it is not answered."""
    lockstep, realtime = runner(lockstep=True), runner()
    for f in (lockstep, realtime):
        start(f)
        see(f, 1)
        say(f, 1, ArmMode.IDLE)
    assert lockstep.answer(STEP) is not None and realtime.tick(STEP, 4 * STEP) is not None
    start(lockstep)  # a policy that came back in the middle of an episode, and a simulation that did too
    see(lockstep, 40)
    say(lockstep, 40, ArmMode.IDLE)
    assert lockstep.answer(40 * STEP) is not None


def test_a_gripper_that_refuses_in_the_last_step_of_a_chunk_stores_neither_that_chunk_nor_the_next() -> None:
    """The report of the refusal comes one step later, when the next chunk has begun."""
    f = runner(Mode.FINETUNE)
    start(f)
    assert all(tick(f, k) for k in range(1, 4))  # chunks of 1, 2 | 3, 4
    why = "the gripper does not follow: command failed"
    assert not tick(f, 4, ArmMode.FAULT, why)
    assert f.hold_reason == f.arm_stopped == f"the arm is in FAULT: {why}"
    f.on_event(EpisodeEvent(EpisodeEventKind.DISCARDED, 4 * STEP, 0, 0.0))
    assert stored(f) == [] and f.arm_stopped == ""  # no episode runs


@pytest.mark.parametrize("mode", [ArmMode.IDLE, ArmMode.RESET, ArmMode.HOLD])
def test_an_arm_that_somebody_stopped_does_not_end_the_episode(mode: ArmMode) -> None:
    f = runner(Mode.FINETUNE)
    start(f)
    tick(f, 1)
    tick(f, 2, mode)
    assert f.arm_stopped == ""
