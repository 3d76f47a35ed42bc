"""When the policy acts. States every 50 ms of one clock; stamps in ns."""

import numpy as np
import pytest
import torch

from zprl.models.base_policy import BasePolicy, freeze
from zprl.models.config import BaseConfig
from zprl.rl.config import Mode, SteeringConfig
from zprl.rl.residual_policy import ResidualPolicy
from zprl.rl.steering import make_steering
from zprl_core.action import ArmTarget
from zprl_core.arm_mode import ArmMode
from zprl_core.episode_event import EpisodeEvent, EpisodeEventKind
from zprl_core.observation import TOOL, WIDTH, Pose
from zprl_core.observation_spec import arm_observation
from zprl_core.stream_buffer import StreamBuffer
from zprl_policy.policy_runner import FOLLOWS, ArmReport, PolicyRunner
from zprl_policy.settings import PolicySettings

STEP = 50_000_000
CUBE = "cube"


def runner(mode: Mode = Mode.BASE, lockstep: bool = False) -> PolicyRunner:
    torch.manual_seed(0)
    base = BasePolicy(BaseConfig(arm_observation(("cube",)), latent_dim=2, horizon=4, n_action_steps=2, hidden=8))
    freeze(base)
    return PolicyRunner(
        ResidualPolicy(base, make_steering(base, SteeringConfig()), mode),
        StreamBuffer(arm_observation(("cube",))),
        lockstep,
    )


def see(f: PolicyRunner, k: int, x: float = 0.5, streams: tuple[str, ...] = (TOOL, WIDTH, CUBE)) -> None:
    samples = {TOOL: Pose((x, 0.0, 0.2), 0.0), WIDTH: 0.08, CUBE: Pose((0.5, 0.1, 0.02), 0.0)}
    for name in streams:
        f.streams.push(name, k * STEP, samples[name], arrived_ns=k * STEP)


def start(f: PolicyRunner, k: int = 1, episode: int = 0) -> None:
    f.on_event(EpisodeEvent(EpisodeEventKind.STARTED, k * STEP, episode))


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
    assert stored(f) == [(2, 2)] and not f.flying


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
