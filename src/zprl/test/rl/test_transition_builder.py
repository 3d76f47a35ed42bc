"""From executed steps to transitions, by hand. Stamps are 10, 20, 30, ... ns."""

import numpy as np
import pytest

from zprl.rl.transition import LatentState
from zprl.rl.transition_builder import ActionChunk, ExecutedAction, TransitionBuilder


def latent_state(x: float) -> LatentState:
    one = np.full(1, x, dtype=np.float32)
    return LatentState(one, one, one, one)


def chunk(x: float) -> ActionChunk:
    return ActionChunk(latent_state(x), np.zeros(1, np.float32), np.zeros((2, 5), np.float32))


def play(recorder: TransitionBuilder, chunks: int) -> list:
    """`chunks` chunks of two steps each, from stamp 10 on."""
    out, stamp = [], 0
    for k in range(chunks):
        out.append(recorder.begin(chunk(float(k))))
        for _ in range(2):
            stamp += 10
            recorder.on_action(stamp)
    return [t for t in out if t is not None]


def test_a_transition_is_certain_when_the_chunk_after_it_is_over() -> None:
    recorder = TransitionBuilder(0.9)
    certain = play(recorder, 3)
    assert [t.state.e[0] for t in certain] == [0.0]
    assert certain[0].next_state.e[0] == 1.0 and certain[0].steps == 2 and certain[0].reward == 0.0


def test_success_inside_a_chunk_counts_the_steps_really_executed() -> None:
    # chunks at 10 and 30; success in the state of 40: the second chunk executed one step (at 30)
    recorder = TransitionBuilder(0.9)
    play(recorder, 2)
    first, last = recorder.finish(40, latent_state(9.0), 1.0, terminated=True, truncated=False)
    assert (first.steps, first.terminated) == (2, False)
    assert (last.steps, last.terminated, last.reward) == (1, True, 1.0)
    assert last.next_state.e[0] == 9.0


def test_reward_of_the_last_step_is_discounted_within_the_chunk() -> None:
    # two steps, reward at the second: R = 0.9^1 * 1
    recorder = TransitionBuilder(0.9)
    play(recorder, 1)
    (only,) = recorder.finish(30, latent_state(9.0), 1.0, terminated=True, truncated=False)
    assert only.steps == 2 and only.reward == pytest.approx(0.9)


def test_an_end_at_the_boundary_drops_the_chunk_that_began_there() -> None:
    # success in the state of 30, where a second chunk had already begun
    recorder = TransitionBuilder(0.9)
    play(recorder, 2)
    (only,) = recorder.finish(30, latent_state(1.0), 1.0, terminated=True, truncated=False)
    assert only.state.e[0] == 0.0 and only.terminated and only.steps == 2


def test_a_time_out_is_truncated_not_terminated() -> None:
    recorder = TransitionBuilder(0.9)
    play(recorder, 1)
    (only,) = recorder.finish(30, latent_state(9.0), 0.0, terminated=False, truncated=True)
    assert only.truncated and not only.terminated and only.reward == 0.0


def test_an_episode_of_no_steps_gives_nothing() -> None:
    recorder = TransitionBuilder(0.9)
    play(recorder, 1)
    assert recorder.finish(10, latent_state(0.0), 1.0, terminated=True, truncated=False) == []


def test_an_abandoned_episode_leaves_nothing_behind() -> None:
    recorder = TransitionBuilder(0.9)
    play(recorder, 2)
    recorder.start(episode=1)
    assert recorder.begin(chunk(0.0)) is None


def told(value: float, **why: bool) -> ExecutedAction:
    return ExecutedAction(np.full(5, value, np.float32), **why)


def test_what_a_guard_or_a_person_changed_is_stored_with_the_step_that_it_changed() -> None:
    recorder = TransitionBuilder(0.9)
    recorder.on_executed(10, told(0.5, clipped=True))  # nothing is played yet
    play(recorder, 3)  # steps at 10, 20 | 30, 40 | 50, 60
    recorder.on_executed(30, told(0.0))
    recorder.on_executed(40, told(0.5, clipped=True))  # of the chunk before the one that is played
    recorder.on_executed(50, told(0.0))
    recorder.on_executed(60, told(2.0, intervention=True))
    guarded, cut = recorder.finish(60, latent_state(9.0), 0.0, terminated=False, truncated=True)
    assert guarded.clipped and not guarded.intervention
    assert guarded.executed.tolist() == [0.0] * 5 + [0.5] * 5
    assert not cut.clipped and not cut.intervention  # the step at 60 came after the end
    assert cut.executed.tolist() == [0.0] * 10 and cut.steps == 1


def spoken(*stamps: int) -> TransitionBuilder:
    """Chunks with steps at 10, 20 | 30, 40, and the arm's word about those of `stamps`."""
    recorder = TransitionBuilder(0.9)
    play(recorder, 2)
    for stamp in stamps:
        recorder.on_executed(stamp, told(0.1))
    return recorder


def test_a_step_that_the_arm_said_nothing_about_is_not_stored_as_executed() -> None:
    """Where the arm speaks: about 20 it did not, so the chunk of 10 and 20 is none, and the one after it is."""
    recorder = spoken(10, 30, 40)
    (only,) = recorder.finish(50, latent_state(9.0), 1.0, terminated=True, truncated=False)
    assert only.state.e[0] == 1.0 and only.executed.tolist() == pytest.approx([0.1] * 10)
    assert recorder.unreported == 1


def test_a_chunk_without_the_arms_word_is_no_certain_one_either() -> None:
    recorder = spoken(10)
    assert recorder.begin(chunk(2.0)) is None and recorder.unreported == 1


def test_the_steps_that_the_arm_did_not_come_to_are_cut_off_the_end() -> None:
    """It went to its start at once: of the last two steps it was told one. R = 0.9^0 * 1."""
    recorder = spoken(10, 20, 30)
    first, last = recorder.finish(50, latent_state(9.0), 1.0, terminated=True, truncated=False)
    assert (first.steps, last.steps, last.reward, last.executed.tolist()[5:]) == (2, 1, 1.0, [0.0] * 5)
    (only,) = spoken(10, 20).finish(50, latent_state(9.0), 1.0, terminated=True, truncated=False)
    assert (only.state.e[0], only.steps, only.terminated) == (0.0, 2, True)


def test_the_word_about_the_last_step_is_waited_for_until_a_later_step_has_one() -> None:
    assert not TransitionBuilder(0.9).waits(50)
    assert spoken(10, 20, 30).waits(50) and not spoken(10, 20, 30, 40).waits(50)
    assert spoken(10).waits(30) and not spoken(10, 30).waits(30)  # ended at 30: the last step is that of 20
    silent = TransitionBuilder(0.9)
    play(silent, 2)
    assert not silent.waits(50)  # nobody speaks


def test_steps_that_answered_one_stamp_have_a_word_each() -> None:
    """A stream is slower than the control rate."""
    recorder = TransitionBuilder(0.9)
    recorder.begin(chunk(0.0))
    for value in (0.1, 0.2):
        recorder.on_action(10)
        recorder.on_executed(10, told(value))
    (only,) = recorder.finish(20, latent_state(9.0), 0.0, terminated=False, truncated=True)
    assert only.executed.tolist() == pytest.approx([0.1] * 5 + [0.2] * 5)
