"""The guided reset, and what the person is told: every path of the logic, with times worked out by hand."""

import pytest

from zprl_core.arm_mode import ArmMode
from zprl_core.episode_event import EpisodeEventKind
from zprl_episodes.operator_prompt import QUIET_S, TIDY, Answer, OperatorPrompt, OperatorSettings

PENDING = Answer(False, TIDY, pending=True)
NOBODY = Answer(False, "no reset is waiting; confirm when prompted")
M = ArmMode


def operator_prompt(mode: ArmMode | None = M.HOLD, now_s: float = 0.0) -> OperatorPrompt:
    made = OperatorPrompt(OperatorSettings())
    if mode is not None:
        made.on_arm(mode, "", now_s)
    return made


def test_pending_until_the_person_confirms_then_success() -> None:
    g = operator_prompt()
    assert g.on_reset_request(7, 0.0) == PENDING and g.waiting
    assert g.on_reset_request(7, 0.2) == PENDING and g.prompt(0.2) == TIDY
    assert g.on_confirm(0.3) == Answer(True, "confirmed; the episode starts") and not g.waiting
    assert g.prompt(0.3) == "nothing: the episode starts"
    assert g.on_reset_request(7, 0.4) == Answer(True, "")
    assert g.prompt(0.5) == "nothing: the episode starts"
    g.on_event("robot", EpisodeEventKind.STARTED, 12)
    assert g.prompt(0.6) == "episode 12 is running: label it success, failure or discard"
    g.on_event("robot", EpisodeEventKind.SUCCESS, 12)
    assert g.prompt(0.7) == "request the next episode when you are ready"


def test_a_confirm_before_the_reset_was_asked_for_does_not_count() -> None:
    g = operator_prompt()
    assert g.on_confirm(0.0) == NOBODY
    assert g.on_reset_request(7, 0.1) == PENDING


def test_a_confirm_twice_counts_once() -> None:
    g = operator_prompt()
    g.on_reset_request(7, 0.0)
    g.on_confirm(0.1)
    assert g.on_confirm(0.15) == Answer(True, "already confirmed")
    assert g.on_reset_request(7, 0.2).success
    assert g.on_confirm(0.3) == NOBODY
    assert g.on_reset_request(7, 0.4) == PENDING  # the same seed again, as after a reset that failed: a new confirm


def test_a_second_reset_needs_a_second_confirm() -> None:
    g = operator_prompt()
    g.on_reset_request(7, 0.0)
    g.on_confirm(0.1)
    assert g.on_reset_request(8, 0.2) == PENDING  # the first one was confirmed, and is over
    g.on_confirm(0.3)
    assert g.on_reset_request(8, 0.4).success


def test_a_reset_that_nobody_asks_for_any_more_was_cancelled() -> None:
    g = operator_prompt()
    g.on_reset_request(7, 1.0)
    g.on_arm(M.HOLD, "", 1.0 + QUIET_S)
    assert g.prompt(1.0 + QUIET_S) == TIDY  # 2 s: not yet
    assert g.prompt(1.1 + QUIET_S) == "request the next episode when you are ready"
    assert g.on_confirm(1.1 + QUIET_S) == NOBODY


def test_a_confirm_for_a_cancelled_reset_is_lost() -> None:
    g = operator_prompt()
    g.on_reset_request(7, 1.0)
    g.on_confirm(1.1)
    assert g.on_reset_request(7, 1.1 + QUIET_S) == PENDING


def test_a_reset_that_failed_says_why_and_to_ask_again() -> None:
    g = operator_prompt()
    g.on_reset_request(7, 0.0)
    g.on_confirm(0.1)
    g.on_refusal("stopped by the operator")
    assert g.prompt(0.2) == "request it again when you are ready; the reset failed: stopped by the operator"
    assert g.on_confirm(0.2) == NOBODY  # what was confirmed before is over
    g.on_arm(M.IDLE, "stopped by the operator", 0.3)
    assert g.prompt(0.3) == "enable the arm: stopped by the operator"
    g.on_arm(M.HOLD, "", 0.4)
    assert g.prompt(0.4).startswith("request it again")
    g.on_refusal("")  # asked again
    assert g.prompt(0.5) == "request the next episode when you are ready"
    assert g.on_reset_request(7, 0.6) == PENDING


def test_a_new_reset_goes_ahead_of_why_the_last_one_failed() -> None:
    g = operator_prompt()
    g.on_refusal("the motion was canceled")
    assert g.on_reset_request(7, 0.1) == PENDING and g.prompt(0.1) == TIDY
    g.on_confirm(0.1)
    assert g.on_reset_request(7, 0.1).success
    g.on_event("robot", EpisodeEventKind.STARTED, 3)
    g.on_event("robot", EpisodeEventKind.SUCCESS, 3)
    assert g.prompt(0.2) == "request the next episode when you are ready"


def test_where_episodes_run_by_themselves_a_failed_reset_is_no_task() -> None:
    g = OperatorPrompt(OperatorSettings(automatic=True))
    g.on_arm(M.HOLD, "", 0.0)
    g.on_refusal("no answer")
    assert g.prompt(0.1) == "nothing: the reset failed and is repeated: no answer"


@pytest.mark.parametrize(
    ("mode", "prompt"),
    [
        (M.FAULT, "recover the arm: reflex"),
        (M.ESTOP, "release the emergency stop, then recover and enable the arm"),
        (M.IDLE, "enable the arm: reflex"),
        (M.DISCONNECTED, "connect the arm: reflex"),
    ],
)
def test_an_arm_that_stops_while_the_person_works_ends_the_reset(mode: ArmMode, prompt: str) -> None:
    g = operator_prompt()
    g.on_reset_request(7, 0.0)
    g.on_confirm(0.1)
    g.on_arm(mode, "reflex", 0.15)
    assert g.prompt(0.2) == prompt
    assert g.on_confirm(0.2) == NOBODY
    assert g.on_reset_request(7, 0.3) == Answer(False, f"{prompt}; then reset again")
    g.on_arm(M.HOLD, "", 0.4)
    assert g.on_reset_request(7, 0.5) == PENDING  # what was confirmed before the fault is forgotten


def test_an_arm_that_stops_between_confirm_and_episode() -> None:
    g = operator_prompt()
    g.on_reset_request(7, 0.0)
    g.on_confirm(0.1)
    assert g.on_reset_request(7, 0.2).success
    g.on_arm(M.FAULT, "reflex", 0.3)
    assert g.prompt(0.3) == "recover the arm: reflex"
    g.on_arm(M.HOLD, "", 0.4)
    assert g.prompt(0.4) == "request the next episode when you are ready"


def test_an_episode_that_does_not_begin_is_not_waited_for_for_ever() -> None:
    g = operator_prompt()
    g.on_reset_request(7, 0.0)
    g.on_confirm(0.1)
    g.on_reset_request(7, 0.2)
    g.on_arm(M.HOLD, "", 3.0)
    assert g.prompt(3.0) == "request the next episode when you are ready"


def test_prompts_of_the_arm() -> None:
    assert operator_prompt(None).prompt(0.0) == "start the arm node"
    assert operator_prompt(M.RESET).prompt(0.0) == "keep clear: the arm is moving to its start"
    assert operator_prompt(M.FAULT).prompt(0.0) == "recover the arm"
    g = operator_prompt(M.HOLD)
    assert g.prompt(1.0) == "request the next episode when you are ready"
    assert g.prompt(1.1) == "check the arm node: it is silent"


def test_a_fault_in_an_episode_names_both() -> None:
    g = operator_prompt()
    g.on_event("robot", EpisodeEventKind.STARTED, 3)
    g.on_arm(M.FAULT, "pushed with 50 N", 0.1)
    assert g.prompt(0.1) == "recover the arm: pushed with 50 N; episode 3 is still running"


def test_a_reset_before_the_arm_was_heard_waits_all_the_same() -> None:
    g = operator_prompt(None)
    assert g.on_reset_request(1, 0.0) == PENDING and g.prompt(0.0) == TIDY


def test_events_of_another_robot_are_not_ours() -> None:
    g = operator_prompt()
    g.on_event("robot_2", EpisodeEventKind.STARTED, 5)
    assert g.prompt(0.0) == "request the next episode when you are ready"


def test_where_episodes_run_by_themselves_only_the_scene_is_a_persons() -> None:
    g = OperatorPrompt(OperatorSettings(automatic=True))
    g.on_arm(M.HOLD, "", 0.0)
    assert g.prompt(0.0) == "nothing"
    g.on_event("robot", EpisodeEventKind.STARTED, 4)
    assert g.prompt(0.1) == "nothing: episode 4 is running"
    g.on_event("robot", EpisodeEventKind.TIMEOUT, 4)
    assert g.on_reset_request(5, 0.2) == PENDING and g.prompt(0.2) == TIDY


def test_the_reason_why_an_episode_was_discarded_is_shown_until_the_next_one() -> None:
    g = operator_prompt()
    g.on_event("robot", EpisodeEventKind.STARTED, 3)
    g.on_event("robot", EpisodeEventKind.DISCARDED, 3, "the clock was set back by 3600.0 s")
    assert g.prompt(0.0) == (
        "request the next episode when you are ready; the last one was discarded: the clock was set back by 3600.0 s"
    )
    g.on_event("robot", EpisodeEventKind.STARTED, 4)
    g.on_event("robot", EpisodeEventKind.SUCCESS, 4)
    assert g.prompt(0.0) == "request the next episode when you are ready"
